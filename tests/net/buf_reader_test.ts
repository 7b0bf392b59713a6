import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type ByteSource, byteSource, copy } from "../../src/env/mod.ts";
import { BufReader, ReadError, type ReadErrorCode } from "../../src/net/mod.ts";
import { Cancelled } from "../../src/switch/mod.ts";

const encoder = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const isDigit = (byte: number) => byte >= 48 && byte <= 57;
const isAny = () => true;

/** Gives these chunks, one a read, and counts the reads. */
class Chunks implements ByteSource {
  reads = 0;
  readonly #chunks: Uint8Array[];

  constructor(...chunks: (string | Uint8Array)[]) {
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

/** Asserts that `run` fails so, and takes nothing of `reader`. */
async function assertReadError(
  reader: BufReader,
  run: () => Promise<unknown>,
  expected: { code: ReadErrorCode; offset: number; message: string },
): Promise<void> {
  const before = reader.consumedBytes;
  const error = await assertRejects(run, ReadError);
  const { code, offset, message } = error;
  assertEquals({ code, offset, message }, expected);
  assertEquals(reader.consumedBytes, before);
}

Deno.test("BufReader.line() reads only when no whole line is left", async () => {
  const source = new Chunks("one", "\ntwo\n", "three\n");
  const reader = new BufReader(source);
  assertEquals([await reader.line(), source.reads], ["one", 2]);
  assertEquals([await reader.line(), source.reads], ["two", 2]);
  assertEquals([await reader.line(), source.reads], ["three", 3]);
  await assertReadError(reader, () => reader.line(), {
    code: "end-of-input",
    offset: 14,
    message: "Unexpected end of input at offset 14",
  });
});

Deno.test("BufReader.line() ends at LF, CRLF, or the end of the input, and keeps a lone CR", async () => {
  const lines = (...chunks: string[]) =>
    Array.fromAsync(new BufReader(new Chunks(...chunks)).lines());
  assertEquals(await lines("one\r", "\ntwo\r\n"), ["one", "two"]);
  assertEquals(await lines("on", "e\ntwo"), ["one", "two"]);
  assertEquals(await lines("one\ntwo\n\nthree"), ["one", "two", "", "three"]);
  assertEquals(await lines("a\rb\nc\r"), ["a\rb", "c\r"]);
  assertEquals(await lines(""), []);
});

Deno.test("BufReader.line() of more than the limit fails, and the bytes stay", async () => {
  for (const chunks of [["abc\n"], ["ab", "cdefgh"], ["abc"]]) {
    const reader = new BufReader(new Chunks(...chunks), { maxBytes: 2 });
    await assertReadError(reader, () => reader.line(), {
      code: "limit",
      offset: 0,
      message: "Limit of maxBytes (2) exceeded when reading at offset 0",
    });
    assertEquals(text(await reader.take(2)), "ab");
  }
});

Deno.test("BufReader.line() does not count the line's end in the limit", async () => {
  const reader = new BufReader(new Chunks("ab\r", "\n", "cd\nef"), { maxBytes: 2 });
  assertEquals(await Array.fromAsync(reader.lines()), ["ab", "cd", "ef"]);
});

Deno.test("BufReader.line() that is not UTF-8 fails, and the bytes stay", async () => {
  const reader = new BufReader(new Chunks("ok\n", Uint8Array.of(0xff, 10)));
  assertEquals(await reader.line(), "ok");
  await assertReadError(reader, () => reader.line(), {
    code: "invalid-utf-8",
    offset: 3,
    message: "Expected UTF-8 but got other bytes in the line at offset 3",
  });
  assertEquals(await reader.takeAll(), Uint8Array.of(0xff, 10));
});

Deno.test("BufReader.lines() can be left for what comes next", async () => {
  const reader = new BufReader(new Chunks("Length: 3\n", "\nabcrest"));
  for await (const line of reader.lines()) if (line === "") break;
  assertEquals(text(await reader.take(3)), "abc");
  assertEquals(text(await reader.takeAll()), "rest");
});

Deno.test("BufReader.expect() takes what must come next", async () => {
  const reader = new BufReader(new Chunks("a", "bcd", "é"));
  await reader.expect("abc");
  await reader.expect(Uint8Array.of(100));
  await reader.expect("");
  await reader.expect("é");
  assertEquals(reader.consumedBytes, 6);
});

Deno.test("BufReader.expect() that meets the end takes nothing", async () => {
  const reader = new BufReader(new Chunks("abc"));
  await reader.expect("a");
  await assertReadError(reader, () => reader.expect("bcd"), {
    code: "end-of-input",
    offset: 3,
    message: "Unexpected end of input at offset 3",
  });
  await reader.expect("bc");
});

Deno.test("BufReader.expect() says what it got, as soon as a byte differs", async () => {
  const source = new Chunks("a", "bX", "more");
  const reader = new BufReader(source);
  await reader.expect("a");
  await assertReadError(reader, () => reader.expect("bcdef"), {
    code: "unexpected",
    offset: 1,
    message: 'Expected "bcdef" but got "bX" at offset 1',
  });
  assertEquals(source.reads, 2);
  await assertReadError(reader, () => reader.expect("B"), {
    code: "unexpected",
    offset: 1,
    message: 'Expected "B" but got "b" at offset 1',
  });
});

Deno.test("BufReader.take() takes just so many bytes, in whatever pieces they come", async () => {
  const reader = new BufReader(new Chunks("ab", "cde", "f"));
  assertEquals(text(await reader.take(4)), "abcd");
  assertEquals(await reader.take(0), new Uint8Array(0));
  await assertReadError(reader, () => reader.take(3), {
    code: "end-of-input",
    offset: 6,
    message: "Unexpected end of input at offset 6",
  });
  assertEquals(text(await reader.take(2)), "ef");
});

Deno.test("BufReader.take() gives bytes that no later read changes", async () => {
  // So many that the next read goes where these were.
  const reader = new BufReader(new Chunks("a".repeat(600), "b".repeat(600)));
  const taken = await reader.take(600);
  await reader.take(600);
  assertEquals(text(taken), "a".repeat(600));
});

Deno.test("BufReader refuses to take more than its limit before it reads it", async () => {
  const source = new Chunks("abcdef");
  const reader = new BufReader(source, { maxBytes: 3 });
  for (const read of [() => reader.take(4), () => reader.ensure(4), () => reader.expect("abcd")]) {
    await assertReadError(reader, read, {
      code: "limit",
      offset: 0,
      message: "Limit of maxBytes (3) exceeded when reading at offset 0",
    });
  }
  assertEquals(source.reads, 0);
});

Deno.test("BufReader takes what is just its limit, also beyond its usual buffer", async () => {
  for (const maxBytes of [3, 65536, 100_000]) {
    const bytes = new Uint8Array(maxBytes).fill(97);
    const source = () => byteSource(bytes);
    assertEquals((await new BufReader(source(), { maxBytes }).take(maxBytes)).length, maxBytes);
    assertEquals((await new BufReader(source(), { maxBytes }).takeAll()).length, maxBytes);
    assertEquals((await new BufReader(source(), { maxBytes }).takeWhile(isAny)).length, maxBytes);
    assertEquals((await new BufReader(source(), { maxBytes }).line()).length, maxBytes);
  }
});

Deno.test("BufReader.takeAll() and takeWhile() fail beyond the limit, and the bytes stay", async () => {
  for (const [maxBytes, size] of [[2, 3], [65536, 65537], [100_000, 300_000]] as const) {
    const reader = new BufReader(byteSource(new Uint8Array(size).fill(97)), { maxBytes });
    for (const read of [() => reader.takeAll(), () => reader.takeWhile(isAny)]) {
      await assertReadError(reader, read, {
        code: "limit",
        offset: 0,
        message: `Limit of maxBytes (${maxBytes}) exceeded when reading at offset 0`,
      });
    }
    await reader.skip(size);
    assert(await reader.atEnd());
  }
});

Deno.test("BufReader.takeWhile() takes up to the first byte that is refused", async () => {
  const reader = new BufReader(new Chunks("12", "34x", "5"));
  assertEquals(text(await reader.takeWhile(isDigit)), "1234");
  assertEquals(text(await reader.takeWhile(isDigit)), "");
  assertEquals(await reader.any(), 120);
  assertEquals(text(await reader.takeWhile(isDigit)), "5"); // the end ends it too
  assertEquals(text(await reader.takeWhile(isDigit)), "");
});

Deno.test("BufReader.takeWhile() looks at each byte once", async () => {
  let looks = 0;
  const chunks = Array.from({ length: 100 }, () => "a".repeat(100));
  const reader = new BufReader(new Chunks(...chunks));
  await reader.takeWhile(() => ++looks > 0);
  assertEquals(looks, 10_000);
});

Deno.test("BufReader.skip() goes beyond what the buffer may hold", async () => {
  const reader = new BufReader(new Chunks("abc", "defgh"), { maxBytes: 3 });
  await reader.skip(5);
  assertEquals(text(await reader.take(3)), "fgh");
  const error = await assertRejects(() => reader.skip(1), ReadError);
  assertEquals(error.message, "Unexpected end of input at offset 8");
});

Deno.test("BufReader.skipWhile() drops up to the first byte that is refused, and counts", async () => {
  const reader = new BufReader(new Chunks("1", "2345", "6x7"), { maxBytes: 2 });
  assertEquals(await reader.skipWhile(isDigit), 6);
  assertEquals(await reader.skipWhile(isDigit), 0);
  await reader.expect("x");
  assertEquals(await reader.skipWhile(isDigit), 1);
  assertEquals(await reader.skipWhile(isDigit), 0);
});

Deno.test("BufReader.peek() leaves the byte, any() takes it", async () => {
  const reader = new BufReader(new Chunks("a"));
  assertEquals([await reader.peek(), await reader.peek()], [97, 97]);
  assertEquals(await reader.any(), 97);
  assertEquals(await reader.peek(), undefined);
  await assertReadError(reader, () => reader.any(), {
    code: "end-of-input",
    offset: 1,
    message: "Unexpected end of input at offset 1",
  });
});

Deno.test("BufReader reads no more of a source that has ended", async () => {
  const source = new Chunks("a");
  const reader = new BufReader(source);
  await reader.takeAll();
  for (let i = 0; i < 3; i++) assertEquals(await reader.atEnd(), true);
  assertEquals(source.reads, 2);
});

Deno.test("BufReader.parse() rejects what the parser leaves, and what it misses", async () => {
  const three = (reader: BufReader) => reader.take(3);
  assertEquals(text(await BufReader.parse("abc", three)), "abc");
  assertEquals(text(await BufReader.parse(encoder.encode("abc"), three)), "abc");
  assertEquals(text(await BufReader.parse(new Chunks("a", "bc"), three)), "abc");
  const long = await assertRejects(() => BufReader.parse("abcd", three), ReadError);
  assertEquals(long.message, "Unexpected data after parsing (at offset 3)");
  const short = await assertRejects(() => BufReader.parse("a", three), ReadError);
  assertEquals(short.message, "Unexpected end of input at offset 1");
});

Deno.test("BufReader is a source of the bytes that are left", async () => {
  const reader = new BufReader(new Chunks("head\n", "bo", "dy"));
  assertEquals(await reader.line(), "head");
  const parts: Uint8Array[] = [];
  const sink = {
    write(data: Uint8Array) {
      parts.push(data.slice());
      return Promise.resolve(data.length);
    },
  };
  assertEquals(await copy(reader, sink), 4);
  assertEquals(parts.map(text), ["bo", "dy"]);
  assertEquals(reader.consumedBytes, 9);
  assertEquals(await reader.read(new Uint8Array(0)), 0);
});

Deno.test("BufReader that waits can be given up, and loses nothing", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = new Chunks("ab", "cd\n");
  const reader = new BufReader({
    read: (buffer) =>
      source.reads === 0 ? source.read(buffer) : promise.then(() => source.read(buffer)),
  });
  const waits = [
    (signal: AbortSignal) => reader.take(3, { signal }),
    (signal: AbortSignal) => reader.line({ signal }),
    (signal: AbortSignal) => reader.takeWhile(isAny, { signal }),
    (signal: AbortSignal) => reader.takeAll({ signal }),
    (signal: AbortSignal) => reader.expect("abc", { signal }),
    (signal: AbortSignal) => reader.ensure(3, { signal }),
  ];
  for (const wait of waits) {
    const controller = new AbortController();
    const waiting = wait(controller.signal);
    controller.abort(new Error("enough"));
    await assertRejects(() => waiting, Cancelled, "enough");
  }
  assertEquals(reader.consumedBytes, 0);
  resolve();
  assertEquals(await reader.line(), "abcd");
});

Deno.test("BufReader does not look at the signal while enough is here", async () => {
  const reader = new BufReader(new Chunks("abc\ndef"));
  const signal = AbortSignal.abort();
  await reader.ensure(7);
  assertEquals(await reader.line({ signal }), "abc");
  assertEquals(await reader.peek({ signal }), 100);
  assertEquals(text(await reader.take(3, { signal })), "def");
  await assertRejects(() => reader.atEnd({ signal }), Cancelled);
});

Deno.test("BufReader fails as its source does, and what was read stays", async () => {
  const source = new Chunks("ab");
  const reader = new BufReader({
    read: (buffer) => source.reads > 0 ? Promise.reject(new Error("gone")) : source.read(buffer),
  });
  await assertRejects(() => reader.take(3), Error, "gone");
  assertEquals(text(await reader.take(2)), "ab");
});

Deno.test("BufReader refuses wrong counts and limits", async () => {
  const reader = new BufReader(new Chunks("abc"));
  for (const count of [-1, 0.5, NaN, Infinity]) {
    await assertRejects(() => reader.take(count), RangeError, `got ${count}`);
    await assertRejects(() => reader.skip(count), RangeError, `got ${count}`);
  }
  for (const maxBytes of [0, -1, 1.5, NaN]) {
    assertThrows(() => new BufReader(new Chunks(), { maxBytes }), RangeError, "maxBytes");
  }
});

/** One thing to do with a reader; what it gives, or the kind of its failure. */
const step = fc.oneof(
  fc.nat(6).map((count) => ({ name: "take", count }) as const),
  fc.nat(6).map((count) => ({ name: "skip", count }) as const),
  fc.constantFrom("line", "peek", "any", "takeWhile", "skipWhile", "atEnd").map((name) => ({
    name,
    count: 0,
  })),
);

/** The same by the definition, on the whole input; `undefined` for a failure. */
function model(input: string, maxBytes: number) {
  let at = 0;
  const takeTo = (end: number, next = end) => {
    const taken = input.slice(at, end);
    if (taken.length > maxBytes) return undefined;
    at = next;
    return taken;
  };
  const digits = () => /^\d*/.exec(input.slice(at))![0].length;
  return (name: string, count: number): unknown => {
    const rest = input.slice(at);
    switch (name) {
      case "take":
        return count > rest.length ? undefined : takeTo(at + count);
      case "skip":
        at = Math.min(at + count, input.length);
        return count > rest.length ? undefined : "";
      case "any":
        return rest === "" ? undefined : takeTo(at + 1);
      case "peek":
        return rest.slice(0, 1);
      case "atEnd":
        return rest === "";
      case "takeWhile":
        return takeTo(at + digits());
      case "skipWhile": {
        const skipped = digits();
        at += skipped;
        return skipped;
      }
      default: {
        if (rest === "") return undefined;
        const end = rest.indexOf("\n");
        if (end < 0) return takeTo(input.length);
        const isCrlf = rest[end - 1] === "\r";
        return takeTo(at + end - (isCrlf ? 1 : 0), at + end + 1);
      }
    }
  };
}

async function perform(reader: BufReader, name: string, count: number): Promise<unknown> {
  switch (name) {
    case "take":
      return text(await reader.take(count));
    case "skip":
      return await reader.skip(count).then(() => "");
    case "any":
      return String.fromCharCode(await reader.any());
    case "peek": {
      const byte = await reader.peek();
      return byte === undefined ? "" : String.fromCharCode(byte);
    }
    case "atEnd":
      return await reader.atEnd();
    case "takeWhile":
      return text(await reader.takeWhile(isDigit));
    case "skipWhile":
      return await reader.skipWhile(isDigit);
    default:
      return await reader.line();
  }
}

Deno.test("BufReader gives the same wherever the chunks are cut", async () => {
  const input = fc.array(fc.constantFrom("a", "1", "22", "\n", "\r\n", "\r"), { maxLength: 30 });
  await fc.assert(fc.asyncProperty(
    input.map((parts) => parts.join("")),
    fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
    fc.array(step, { maxLength: 20 }),
    fc.integer({ min: 1, max: 8 }),
    async (input, sizes, steps, maxBytes) => {
      const chunks: string[] = [];
      for (let at = 0, i = 0; at < input.length; i++) {
        chunks.push(input.slice(at, at += sizes[i % sizes.length]!));
      }
      const reader = new BufReader(new Chunks(...chunks), { maxBytes });
      const expect = model(input, maxBytes);
      for (const { name, count } of steps) {
        const got = await perform(reader, name, count).catch((error) => {
          if (!(error instanceof ReadError)) throw error;
          return undefined;
        });
        assertEquals(got, count > maxBytes && name === "take" ? undefined : expect(name, count));
      }
    },
  ));
});
