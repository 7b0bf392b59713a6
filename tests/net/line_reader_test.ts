import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { ByteSource } from "../../src/env/mod.ts";
import { type Line, LineReader } from "../../src/net/line_reader.ts";
import { Cancelled } from "../../src/switch/mod.ts";

const encoder = new TextEncoder();
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Gives these chunks, in so many reads as it takes, and counts the reads. */
class Chunks implements ByteSource {
  reads = 0;
  readonly #chunks: Uint8Array[];

  constructor(chunks: readonly (string | Uint8Array)[]) {
    this.#chunks = chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return Promise.resolve(null);
    const given = chunk.subarray(0, buffer.length);
    buffer.set(given);
    if (given.length < chunk.length) this.#chunks.unshift(chunk.subarray(given.length));
    return Promise.resolve(given.length);
  }
}

function linesOf(
  chunks: readonly (string | Uint8Array)[],
  options?: { maxLineBytes?: number },
): Promise<Line[]> {
  return Array.fromAsync(new LineReader(new Chunks(chunks), options));
}

/** The same, but where a number can be taken it is; and how many lines were. */
async function numbersOf(
  chunks: readonly (string | Uint8Array)[],
  options?: { maxLineBytes?: number },
): Promise<{ lines: Line[]; numbers: number }> {
  const reader = new LineReader(new Chunks(chunks), options);
  const taken: (Line | number)[] = [];
  const next = () => reader.takeInteger() ?? reader.take();
  do {
    for (let line = next(); line !== undefined; line = next()) taken.push(line);
  } while (await reader.fill());
  return {
    lines: taken.map((line) => typeof line === "number" ? String(line) : line),
    numbers: taken.filter((line) => typeof line === "number").length,
  };
}

Deno.test("LineReader reads only when no whole line is left", async () => {
  const source = new Chunks(["one", "\ntwo\n", "three\n"]);
  const reader = new LineReader(source);
  assertEquals(await reader.readLine(), "one");
  assertEquals(source.reads, 2);
  assertEquals(await reader.readLine(), "two");
  assertEquals(source.reads, 2);
  assertEquals(await reader.readLine(), "three");
  assertEquals(await reader.readLine(), undefined);
  assertEquals(await reader.readLine(), undefined);
});

Deno.test("LineReader sees a CRLF that is split between two chunks", async () => {
  assertEquals(await linesOf(["one\r", "\ntwo\r\n"]), ["one", "two"]);
});

Deno.test("LineReader serves a last line without an end", async () => {
  assertEquals(await linesOf(["on", "e\ntwo"]), ["one", "two"]);
});

Deno.test("LineReader keeps empty lines and finds all lines of one chunk in one read", async () => {
  const source = new Chunks(["one\ntwo\n\nthree"]);
  const reader = new LineReader(source);
  for (const expected of ["one", "two", ""]) assertEquals(await reader.readLine(), expected);
  assertEquals(source.reads, 1);
  assertEquals(await reader.readLine(), "three");
});

Deno.test("LineReader gives nothing for an empty stream", async () => {
  assertEquals(await linesOf([]), []);
});

Deno.test("LineReader keeps a lone CR, also the last byte of the stream", async () => {
  assertEquals(await linesOf(["a\rb\n\r\r\n", "c\r"]), ["a\rb", "\r", "c\r"]);
});

Deno.test("LineReader keeps NUL and a byte order mark", async () => {
  assertEquals(await linesOf(["a\0b\n\ufeffc\n"]), ["a\0b", "\ufeffc"]);
});

Deno.test("LineReader reports a line over the limit once and goes on after it", async () => {
  assertEquals(await linesOf(["abcd\nok\r\nabcde\r\nabc"], { maxLineBytes: 3 }), [
    { kind: "too-long", bytes: 4, first: 97 },
    "ok",
    { kind: "too-long", bytes: 5, first: 97 },
    "abc",
  ]);
});

Deno.test("LineReader does not count the line's end in the limit", async () => {
  assertEquals(await linesOf(["abc\r", "\n", "abc\n"], { maxLineBytes: 3 }), ["abc", "abc"]);
});

Deno.test("LineReader reports an oversize line that the stream's end cuts off", async () => {
  const fault: Line = { kind: "too-long", bytes: 4, first: 97 };
  assertEquals(await linesOf(["abcd"], { maxLineBytes: 3 }), [fault]);
  assertEquals(await linesOf(["abc\r"], { maxLineBytes: 3 }), [fault]);
});

Deno.test("LineReader holds no more than the limit of a line without end", async () => {
  const chunk = new Uint8Array(50_000).fill(97);
  const reader = new LineReader(new Chunks([...Array(200).fill(chunk), "\n1\n"]), {
    maxLineBytes: 100_000,
  });
  let most = 0;
  const lines: Line[] = [];
  while (await reader.fill()) {
    most = Math.max(most, reader.bufferBytes);
    for (let line = reader.take(); line !== undefined; line = reader.take()) lines.push(line);
  }
  assertEquals(lines, [{ kind: "too-long", bytes: 10_000_000, first: 97 }, "1"]);
  assertLessOrEqual(most, 100_002);
});

Deno.test("LineReader holds no more of a line that is too long than what it was handed", async () => {
  const chunks = [new Uint8Array(65_535).fill(97), new Uint8Array(65_536).fill(97)];
  const source: ByteSource = {
    read: () => Promise.reject(new TypeError("Cannot read: it is received from")),
    receive(receiver) {
      const chunk = chunks.shift();
      queueMicrotask(() => chunk === undefined ? receiver.ended() : receiver.received(chunk));
    },
  };
  const reader = new LineReader(source);
  await reader.fill();
  assertEquals(reader.take(), undefined);
  await reader.fill();
  assertEquals(reader.bufferBytes, 65_535 + 65_536);
  await reader.discard();
});

Deno.test("LineReader reports a line that is not UTF-8 and goes on after it", async () => {
  assertEquals(await linesOf([latin1("caf\xe9\nok\n")]), [
    { kind: "invalid-utf-8", bytes: 4, first: 0x63 },
    "ok",
  ]);
});

Deno.test("LineReader keeps a replacement character that the line really has", async () => {
  assertEquals(await linesOf(["a\ufffdb\n", latin1("\xef\xbf\n")]), [
    "a\ufffdb",
    { kind: "invalid-utf-8", bytes: 2, first: 0xef },
  ]);
});

Deno.test("LineReader decodes a character that is split between two chunks", async () => {
  const bytes = encoder.encode("é\n");
  assertEquals(await linesOf([bytes.subarray(0, 1), bytes.subarray(1)]), ["é"]);
});

Deno.test("LineReader needs no buffer before it reads and a small one when idle", async () => {
  const burst = "1234567\n".repeat(20_000);
  const reader = new LineReader(new Chunks([burst, "30\n", "31\n"]));
  assertEquals(reader.bufferBytes, 0);
  let most = 0;
  const sizes: number[] = [];
  for await (const line of reader) {
    most = Math.max(most, reader.bufferBytes);
    if (line === "31") sizes.push(reader.bufferBytes);
  }
  assertEquals(most, 65536);
  assertEquals(sizes, [1024]);
});

Deno.test("LineReader.take() never waits and fill() is false when all is taken", async () => {
  const reader = new LineReader(new Chunks(["a\nb", "c"]));
  assertEquals(reader.take(), undefined);
  assertEquals(await reader.fill(), true);
  assertEquals([reader.take(), reader.take()], ["a", undefined]);
  assertEquals(await reader.fill(), true);
  assertEquals(reader.take(), undefined);
  assertEquals(await reader.fill(), true); // the end of the stream makes a line of the rest
  assertEquals([reader.take(), reader.take()], ["bc", undefined]);
  assertEquals(await reader.fill(), false);
});

Deno.test("LineReader tells what it has read and not given, and whether more can come", async () => {
  const reader = new LineReader(new Chunks(["ab\ncd"]));
  assertEquals([reader.buffered.length, reader.hasEnded], [0, false]);
  await reader.fill();
  assertEquals(reader.buffered, encoder.encode("ab\ncd"));
  reader.take();
  assertEquals([reader.buffered, reader.hasEnded], [encoder.encode("cd"), false]);
  await reader.fill();
  assertEquals([reader.buffered, reader.hasEnded], [encoder.encode("cd"), true]);
  assertEquals(reader.take(), "cd");
  assertEquals(reader.buffered.length, 0);
});

Deno.test("LineReader.fill() reads ahead of what was taken, as far as the buffer goes", async () => {
  const burst = "1234567\n".repeat(20_000);
  const reader = new LineReader(new Chunks([burst, "last"]), { maxLineBytes: 100 });
  for (let i = 0; i < 200; i++) assertEquals(await reader.fill(), true);
  assertEquals([reader.bufferBytes, reader.bufferedBytes], [65536, 65536]);
  const lines = await Array.fromAsync(reader);
  assertEquals([lines.length, lines[0], lines.at(-1)], [20_001, "1234567", "last"]);
});

Deno.test("LineReader.readLine() that is cancelled loses nothing", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = new Chunks(["one\n"]);
  const reader = new LineReader({ read: (buffer) => promise.then(() => source.read(buffer)) });
  const controller = new AbortController();
  const given = reader.readLine({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => given, Cancelled, "enough");
  resolve();
  assertEquals(await reader.readLine(), "one");
  assertEquals(source.reads, 1);
});

Deno.test("LineReader.fill() fails as its source does, and what was read stays", async () => {
  const source = new Chunks(["one\ntwo\n"]);
  const reader = new LineReader({
    read: (buffer) => source.reads === 1 ? Promise.reject(new Error("gone")) : source.read(buffer),
  });
  assertEquals(await reader.readLine(), "one");
  const failing = assertRejects(() => reader.fill(), Error, "gone");
  assertEquals(reader.take(), "two");
  await failing;
});

Deno.test("LineReader.discard() reads to the end, whatever it was in", async () => {
  const reader = new LineReader(new Chunks(["one\ntwo", "x".repeat(100)]), { maxLineBytes: 10 });
  assertEquals(await reader.readLine(), "one");
  await reader.discard();
  assertEquals(await reader.readLine(), undefined);
});

Deno.test("LineReader refuses a limit that is no positive integer", () => {
  for (const maxLineBytes of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => new LineReader(new Chunks([]), { maxLineBytes }),
      RangeError,
      "maxLineBytes",
    );
  }
});

/** The same by the definition: the whole input, split. */
function model(input: Uint8Array, maxLineBytes: number): Line[] {
  const text = Array.from(input, (byte) => String.fromCharCode(byte)).join("");
  const parts = text.split("\n");
  const rest = parts.pop()!;
  const lines = parts.map((part) => part.replace(/\r$/, ""));
  if (rest !== "") lines.push(rest);
  return lines.map((line) => modelLine(latin1(line), maxLineBytes));
}

function modelLine(bytes: Uint8Array, maxLineBytes: number): Line {
  const size = { bytes: bytes.length, first: bytes[0]! };
  if (bytes.length > maxLineBytes) return { kind: "too-long", ...size };
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: "invalid-utf-8", ...size };
  }
}

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\r\r\n") },
  { weight: 4, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 4, arbitrary: fc.integer().map((n) => `${n}\n`) },
  { weight: 1, arbitrary: fc.constantFrom("-", "0", "-0\n", "007\r\n", "+5\n", "123456789\r\n") },
  { weight: 1, arbitrary: fc.constantFrom("\ufffd", "\ufeff", "\0", "é") },
  { weight: 1, arbitrary: fc.nat(3000).map((length) => "x".repeat(length)) },
);
const bytes = fc.oneof(
  { weight: 6, arbitrary: piece.map((text) => encoder.encode(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
);
const input = fc.array(bytes, { maxLength: 60 }).map((parts) =>
  Uint8Array.from(parts.flatMap((part) => [...part]))
);

Deno.test("LineReader gives the same lines wherever the chunks are cut", async () => {
  await fc.assert(fc.asyncProperty(
    input,
    fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 8 }),
    fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 500, max: 70_000 })),
    async (input, sizes, maxLineBytes) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < input.length; i++) {
        const size = sizes[i % sizes.length]!;
        chunks.push(input.slice(at, at += size));
      }
      const lines = model(input, maxLineBytes);
      assertEquals(await linesOf(chunks, { maxLineBytes }), lines);
      assertEquals((await numbersOf(chunks, { maxLineBytes })).lines, lines);
    },
  ));
});

Deno.test("LineReader.takeInteger() takes what String writes of an integer of up to nine digits", async () => {
  const plain = ["0", "7", "-7", "123456789", "-123456789"];
  const others = ["", "-", "-0", "007", "+7", "7 ", " 7", "1_0", "0x7", "7.0", "1e3", "1234567890"];
  for (const end of ["\n", "\r\n"]) {
    for (const [lines, numbers] of [[plain, plain.length], [others, 0]] as const) {
      const text = lines.map((line) => line + end).join("");
      assertEquals(await numbersOf([text]), { lines, numbers });
    }
  }
});

Deno.test("LineReader.takeInteger() takes no part of a line, and none that is longer than the limit", async () => {
  const reader = new LineReader(new Chunks(["1", "2\r", "\n1234\n5"]), { maxLineBytes: 3 });
  for (const taken of [undefined, undefined, 12]) {
    await reader.fill();
    assertEquals(reader.takeInteger(), taken);
  }
  await reader.fill();
  assertEquals([reader.takeInteger(), reader.take()], [
    undefined,
    { kind: "too-long", bytes: 4, first: 0x31 },
  ]);
  assertEquals([reader.takeInteger(), reader.take()], [undefined, "5"]); // the stream has ended
  const { lines, numbers } = await numbersOf(["word", "12\n34\n"], { maxLineBytes: 3 });
  assertEquals([lines, numbers], [[{ kind: "too-long", bytes: 6, first: 0x77 }, "34"], 1]);
});

Deno.test("LineReader takes lines of many pieces alike, of ASCII or not, long or tiny", async () => {
  const some = [
    "sha256 hello world",
    "PING",
    "",
    "sha256 é\ufffd\u{1f600}",
    "x".repeat(5000),
    "30",
  ];
  const lines = Array.from({ length: 999 }, (_, i) => some[i % some.length]!);
  const broken = latin1("caf\xe9\nPING\n");
  const expected = [...lines, { kind: "invalid-utf-8", bytes: 4, first: 0x63 }, "PING", ...lines];
  const text = lines.join("\r\n") + "\r\n";
  assertEquals(await linesOf([text, broken, text]), expected as Line[]);
});

Deno.test(
  "LineReader's work is linear in the bytes, not in the reads",
  { timeout: 30_000 },
  async () => {
    // One line of two megabytes, a byte at a time: two seconds, but minutes for a reader that scans or
    // moves what it has again for each read.
    const size = 1 << 21;
    let given = 0;
    const reader = new LineReader({
      read(buffer) {
        if (given === size) return Promise.resolve(null);
        buffer[0] = ++given === size ? 10 : 97;
        return Promise.resolve(1);
      },
    }, { maxLineBytes: size });
    const line = await reader.readLine();
    assert(typeof line === "string" && line.length === size - 1);
  },
);
