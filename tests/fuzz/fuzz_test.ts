import { assertEquals } from "@std/assert";
import { judgeStream, type Stream } from "./judge_stream.ts";
import { owedFor } from "./owed.ts";
import { readSeeds } from "./seeds.ts";
import { mutatedStreams, shrink } from "./streams.ts";

/** A slice of what `deno task fuzz` does; each run of the tests takes the same. */
const LINES = 5_000;

Deno.test("Whatever a client sends, each request has its one reply, and the connection ends", async () => {
  let judged = 0;
  for await (const [stream, lines] of mutatedStreams(2)) {
    await judgeStream(stream);
    judged += lines;
    if (judged >= LINES) break;
  }
});

Deno.test("What has failed once holds", async (t) => {
  for await (const [name, stream] of readSeeds()) await t.step(name, () => judgeStream(stream));
});

Deno.test("The model of what is owed knows the transcripts of the protocol", () => {
  const limits = {
    maxLineBytes: 10,
    maxBatch: 2,
    maxProtocolErrors: 2,
    jobs: new Set(["echo"]),
  };
  const owed = (text: string) => owedFor(new TextEncoder().encode(text), limits);
  assertEquals(owed("1\r\nPING\nx"), { text: ["Result: <1>", "PONG", "Error: "], rpc: [] });
  assertEquals(owed("QUIT\nPING\n"), { text: ["BYE"], rpc: [] });
  assertEquals(owed("[1,2]\n1\n"), { text: [], rpc: ["null,null", "null"] });
  assertEquals(owed('{"a":1}\n'), { text: [], rpc: ["null"] });
  assertEquals(owed("01234567890\n1"), { text: ["Error: ", "Result: <1>"], rpc: [] });
});

Deno.test("What fails is made as short as it gets", async () => {
  const bytes = new TextEncoder().encode("PING\nBAD\nPING\n");
  const fails = ({ bytes }: Stream) => Promise.resolve(bytes.includes(0x42));
  assertEquals((await shrink({ seed: 1, bytes }, fails)).bytes, Uint8Array.of(0x42));
});
