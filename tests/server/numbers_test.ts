import { assertEquals } from "@std/assert";
import { withServer } from "./with_server.ts";

const INVALID = "Error: Invalid number";

/** What the original service was given and what it answered, to the byte. */
const transcript: readonly (readonly [line: string, reply: string])[] = [
  ["30", "Result: 832040"],
  ["0", "Result: 0"],
  ["1", "Result: 1"],
  ["10", "Result: 55"],
  ["-5", "Result: -5"],
  ["+7", "Result: 13"],
  ["0x1e", "Result: 832040"],
  ["0b1010", "Result: 55"],
  ["0o12", "Result: 55"],
  ["0u10", "Result: 55"],
  ["1_0", "Result: 55"],
  ["-0x2", "Result: -2"],
  ["0x7fffffffffffffff", "Result: -1"],
  ["-4611686018427387904", "Result: -4611686018427387904"],
  ["4611686018427387904", INVALID],
  ["", INVALID],
  [" 30", INVALID],
  ["30 ", INVALID],
  ["_30", INVALID],
  ["3.0", INVALID],
  ["1e3", INVALID],
  ["abc", INVALID],
  ["hello world", INVALID],
];

/** What only the dialects of later days understand. */
const strange = ["PING", "HELP", "JOBS", "STATS", "QUIT", "fib 30", "sha256 hello", "{}", "."];

const join = (lines: readonly string[], end: string) => lines.map((line) => line + end).join("");
const lines = transcript.map(([line]) => line);
const replies = transcript.map(([, reply]) => reply);

Deno.test("Number lines are answered as by the original service", async (t) => {
  await withServer({}, async ({ connect }) => {
    await t.step("The transcript holds to the byte", async () => {
      using client = await connect();
      await client.say(join(lines, "\n"));
      await client.end();
      assertEquals(await client.hearAll(), join(replies, "\n"));
    });

    await t.step("A line may end with CRLF; a reply ends with LF", async () => {
      using client = await connect();
      await client.say(join(lines, "\r\n"));
      await client.end();
      assertEquals(await client.hearAll(), join(replies, "\n"));
    });

    await t.step("A last line without an end is served", async () => {
      using client = await connect();
      await client.say("10\n30");
      await client.end();
      assertEquals(await client.hearAll(), "Result: 55\nResult: 832040\n");
    });

    await t.step("A line may come byte by byte", async () => {
      using client = await connect();
      for (const byte of "30\r\n") await client.say(byte);
      assertEquals(await client.hearLine(), "Result: 832040");
    });

    await t.step("A client that says nothing and ends is told nothing", async () => {
      using client = await connect();
      await client.end();
      assertEquals(await client.hearAll(), "");
    });
  });
});

Deno.test("Number lines are answered alike by lanes that share no memory", async () => {
  await withServer({ isolation: "process", cores: 1, spares: 0 }, async ({ connect }) => {
    using client = await connect();
    await client.say(join(lines, "\n"));
    await client.end();
    assertEquals(await client.hearAll(), join(replies, "\n"));
  });
});

Deno.test("With the dialect numbers nothing else is spoken", async (t) => {
  const options = { dialects: "numbers", maxLineBytes: 100 } as const;
  await withServer(options, async ({ connect }) => {
    await t.step("The transcript holds to the byte", async () => {
      using client = await connect();
      await client.say(join(lines, "\n"));
      await client.end();
      assertEquals(await client.hearAll(), join(replies, "\n"));
    });

    await t.step("Every other line is an invalid number, and the connection stays", async () => {
      using client = await connect();
      const others = [...strange, "GET / HTTP/1.1", "\x16\x03\x01", "x".repeat(101), "30\0"];
      assertEquals(await client.ask(...others), others.map(() => INVALID));
      await client.say(Uint8Array.of(0xff, 0xfe, 0x0a));
      assertEquals(await client.hearLine(), INVALID);
      assertEquals(await client.ask("30"), ["Result: 832040"]);
    });
  });
});
