/**
 * Is there a line that the server does not answer, or falls over? Lines of the protocol's document,
 * changed at random, and bytes of no meaning, against every parser and against a conversation on a
 * network in memory; a model of its own says what each client is owed.
 *
 *     deno task fuzz                            a million lines
 *     deno task fuzz --lines 10000 --seed 7     fewer, from another beginning
 *
 * What fails is made as short as it gets, and kept in `tests/fuzz/seeds/`, which the tests replay.
 * It exits with 1 where something failed, or where memory grew.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { judgeStream, type Stream } from "./judge_stream.ts";
import { keepSeed } from "./seeds.ts";
import { mutatedStreams, shrink } from "./streams.ts";

/** How much more memory may be in use in the end than after the first tenth, in MiB. */
const MOST_GROWN_MB = 8;

/** After so many failures there is enough to mend. */
const MOST_FAILURES = 10;

const PROGRESS_MS = 2_000;

const { lines = "1000000", seed = "1" } = parseArgs(Deno.args, { string: ["lines", "seed"] });
const startedMs = performance.now();
let [judged, streams, bytes, failures, shownMs, warmMb] = [0, 0, 0, 0, startedMs, 0];

for await (const [stream, count] of mutatedStreams(Number(seed))) {
  if (!await holds(stream)) await report(stream);
  [judged, streams, bytes] = [judged + count, streams + 1, bytes + stream.bytes.length];
  if (warmMb === 0 && judged >= Number(lines) / 10) warmMb = usedMb();
  if (performance.now() - shownMs >= PROGRESS_MS) show(stream.seed);
  if (judged >= Number(lines) || failures >= MOST_FAILURES) break;
}
const grownMb = usedMb() - warmMb;
show("the last");
console.log(`memory grew by ${grownMb.toFixed(1)} MiB after the first tenth; ${failures} failures`);
Deno.exit(failures > 0 || grownMb > MOST_GROWN_MB ? 1 : 0);

async function holds(stream: Stream): Promise<boolean> {
  return await judgeStream(stream).then(() => true, () => false);
}

async function report(stream: Stream): Promise<void> {
  failures++;
  const short = await shrink(stream, async (less) => !await holds(less));
  await judgeStream(short).catch((error) => console.log(String(error)));
  console.log(`  kept as ${await keepSeed(short)}: ${short.bytes.length} bytes`);
}

function show(at: number | string): void {
  shownMs = performance.now();
  const seconds = (shownMs - startedMs) / 1000;
  console.log(
    `${judged} lines, ${streams} streams, ${(bytes / 1e6).toFixed(1)} MB, seed ${at}: ` +
      `${Math.round(judged / seconds)} lines/s, ${usedMb().toFixed(1)} MiB in use`,
  );
}

function usedMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed / 1024 ** 2;
}
