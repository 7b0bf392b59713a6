/**
 * docs/protocol.md says nothing that is not so: its transcripts are replayed, its table compared.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { REFUSAL_CODES, RPC_ERROR_NUMBERS } from "../../src/protocol/mod.ts";
import type { RawClient } from "./raw_client.ts";
import { withServer } from "./with_server.ts";

const DOCUMENT = await Deno.readTextFile(new URL("../../docs/protocol.md", import.meta.url));

/** The transcripts, by the heading that each stands under. */
function transcripts(): [heading: string, transcript: string][] {
  return DOCUMENT.split(/^#+ /m).flatMap((section) => {
    const [heading = ""] = section.split("\n", 1);
    return [...section.matchAll(/^```console\n([^]*?)^```$/gm)]
      .map((
        [, transcript = ""],
        index,
      ): [string, string] => [`${heading}, ${index + 1}`, transcript]);
  });
}

/** Says what stands behind `> `, and returns the transcript as it went. */
async function replay(transcript: string, connect: () => Promise<RawClient>): Promise<string> {
  using client = await connect();
  using watcher = await connect();
  let went = "";
  for (const line of transcript.trimEnd().split("\n")) {
    const isSaid = line.startsWith("> ");
    if (isSaid) await client.say(`${line.slice(2)}\n`);
    if (isSaid && line.includes("spin") && !line.includes("deadline")) {
      await watcher.untilRunning(1);
    }
    went += isSaid ? `${line}\n` : `${await client.hearLine()}\n`;
  }
  return went;
}

/** A transcript without what differs from run to run. */
function withoutFigures(transcript: string): string {
  return transcript
    .replaceAll(/"(queueMs|runMs|stopMs|lane)":[\d.]+/g, '"$1":0')
    .replaceAll(/,"(cpuMs|heapPeakMb)":[\d.]+/g, "")
    .replaceAll(/after \d+ ms/g, "after 0 ms");
}

Deno.test("docs/protocol.md: each transcript goes as it says", async (t) => {
  await withServer({}, async ({ connect }) => {
    for (const [heading, transcript] of transcripts()) {
      await t.step(heading, async () => {
        const went = await replay(transcript, connect);
        assertEquals(withoutFigures(went), withoutFigures(transcript));
      });
    }
  });
});

Deno.test("docs/protocol.md: the table of errors has every error", () => {
  const rows = [...DOCUMENT.matchAll(/^\| (-?\d+) +\| `([A-Z_]+)`/gm)];
  const table = Object.fromEntries(rows.map(([, number, word]) => [word, Number(number)]));
  assertEquals(table, RPC_ERROR_NUMBERS as Record<string, number>);
  assertEquals(REFUSAL_CODES.filter((code) => !(code in table)), []);
});
