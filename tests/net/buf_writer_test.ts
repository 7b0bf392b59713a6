import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { byteSource, copy, FakeClock } from "../../src/env/mod.ts";
import { BufWriter, withWriter } from "../../src/net/mod.ts";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";

const encoder = new TextEncoder();

/** Takes all that it is given, or, while it is `held`, nothing. */
class Sink {
  readonly writes: string[] = [];
  held: Promise<void> | undefined;
  error: Error | undefined;

  async write(data: Uint8Array): Promise<number> {
    if (this.error !== undefined) throw this.error;
    const text = new TextDecoder().decode(data);
    await this.held;
    this.writes.push(text);
    return data.length;
  }

  /** Holds every write, until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held = promise;
    return resolve;
  }
}

function setUp(options: { maxPendingBytes?: number; stallMs?: number } = {}) {
  const clock = new FakeClock();
  const sink = new Sink();
  return { clock, sink, writer: new BufWriter(sink, { clock, ...options }) };
}

Deno.test("BufWriter sends text and bytes of one turn in one write, in order", async () => {
  const { sink, writer } = setUp();
  writer.write("Hello");
  writer.write(Uint8Array.of(32));
  writer.write("world");
  writer.write(encoder.encode("!"));
  assertEquals(sink.writes, []);
  await writer.flush();
  assertEquals(sink.writes, ["Hello world!"]);
});

Deno.test("BufWriter sends what is written in two turns in two writes", async () => {
  const { sink, writer } = setUp();
  writer.write("Hello ");
  await Fiber.yield();
  writer.write(encoder.encode("world"));
  await writer.flush();
  assertEquals(sink.writes, ["Hello ", "world"]);
});

Deno.test("BufWriter writes nothing for nothing", async () => {
  const { sink, writer } = setUp();
  writer.write("");
  writer.write(new Uint8Array(0));
  await writer.close();
  assertEquals(sink.writes, []);
});

Deno.test("BufWriter sends bytes as they were when they were written", async () => {
  const { sink, writer } = setUp();
  const bytes = encoder.encode("abc");
  writer.write(bytes);
  bytes.fill(120);
  await writer.flush();
  assertEquals(sink.writes, ["abc"]);
});

Deno.test("BufWriter counts bytes and text that wait", async () => {
  const { sink, writer } = setUp({ maxPendingBytes: 5 });
  const release = sink.hold();
  writer.write("ab");
  writer.write(new Uint8Array(2));
  assertEquals([writer.pendingBytes, writer.isFull], [4, false]);
  writer.write("c");
  assertEquals([writer.pendingBytes, writer.isFull], [5, true]);
  release();
  await writer.close();
  assertEquals([writer.pendingBytes, writer.isFull], [0, false]);
});

Deno.test("BufWriter.flush() and close() can be given up, and all is sent", async () => {
  const { clock, sink, writer } = setUp();
  const release = sink.hold();
  writer.write("abc");
  for (const wait of ["flush", "close"] as const) {
    const controller = new AbortController();
    const waiting = writer[wait]({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertRejects(() => waiting, Cancelled, "enough");
  }
  release();
  await writer.close();
  assertEquals([sink.writes, clock.timers], [["abc"], 0]);
});

Deno.test("BufWriter.close() refuses more", async () => {
  const { writer } = setUp();
  await writer.close();
  await writer.close();
  assertThrows(() => writer.write(new Uint8Array(1)), TypeError, "the writer is closed");
});

Deno.test("BufWriter.abort() drops bytes as it drops text", async () => {
  const { sink, writer } = setUp();
  writer.write("a");
  writer.write(encoder.encode("b"));
  const flushed = writer.flush();
  writer.abort(new Error("cut"));
  await assertRejects(() => flushed, Error, "cut");
  await Fiber.yield();
  assertEquals([sink.writes, writer.pendingBytes], [[], 0]);
});

Deno.test("BufWriter sends all pieces in order, whatever their kinds and sizes", async () => {
  const textPiece = fc.record({
    text: fc.string({ unit: "grapheme", maxLength: 8 }),
    times: fc.nat(4000),
  })
    .map(({ text, times }) => text.repeat(times));
  const bytesPiece = fc.nat(40_000).chain((length) =>
    fc.nat(255).map((byte) => new Uint8Array(length).fill(byte))
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(textPiece, bytesPiece), { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })),
      fc.infiniteStream(fc.boolean()),
      async (pieces, sizes, pauses) => {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        const sink = {
          write(data: Uint8Array) {
            const taken = Uint8Array.from(data.subarray(0, sizes.next().value!));
            parts.push(taken);
            return Promise.resolve(taken.length);
          },
        };
        const writer = new BufWriter(sink, { clock: new FakeClock() });
        for (const piece of pieces) {
          writer.write(piece);
          if (pauses.next().value) await undefined;
        }
        await writer.close();
        const expected = new Blob(pieces as BlobPart[]);
        assertEquals(await new Blob(parts).bytes(), await expected.bytes());
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("withWriter() sends all before it returns", async () => {
  const { clock, sink } = setUp();
  const value = await withWriter(sink, { clock }, async (writer) => {
    writer.write("a");
    await Fiber.yield();
    writer.write("b");
    return 42;
  });
  assertEquals([value, sink.writes, clock.timers], [42, ["a", "b"], 0]);
});

Deno.test("withWriter() sends what was written before the error, and rethrows it", async () => {
  const { clock, sink } = setUp();
  const running = withWriter(sink, { clock }, (writer) => {
    writer.write("last words");
    throw new RangeError("mine");
  });
  await assertRejects(() => running, RangeError, "mine");
  assertEquals([sink.writes, clock.timers], [["last words"], 0]);
});

Deno.test("withWriter() prefers the body's error to that of the sink", async () => {
  const { clock, sink } = setUp();
  sink.error = new Error("gone");
  const failing = withWriter(sink, { clock }, (writer) => {
    writer.write("a");
    throw new RangeError("mine");
  });
  await assertRejects(() => failing, RangeError, "mine");
  const fine = withWriter(sink, { clock }, (writer) => writer.write("a"));
  await assertRejects(() => fine, Error, "gone");
});

Deno.test("withWriter() sends nothing from its cancellation on", async () => {
  const { clock, sink } = setUp();
  const running = Switch.run(async (sw) => {
    sw.fork((signal) =>
      withWriter(sink, { clock, signal }, async (writer) => {
        await Fiber.awaitCancel(signal).finally(() => writer.write("goodbye"));
      })
    );
    await Fiber.yield();
    sw.fail(new Error("over"));
  });
  await assertRejects(() => running, Error, "over");
  assertEquals([sink.writes, clock.timers], [[], 0]);
});

Deno.test("withWriter() drops what is pending when its body gives up", async () => {
  const { clock, sink } = setUp();
  const running = withWriter(sink, { clock }, (writer) => {
    writer.write("goodbye");
    throw new Cancelled("enough");
  });
  await assertRejects(() => running, Cancelled, "enough");
  await Fiber.yield();
  assertEquals([sink.writes, clock.timers], [[], 0]);
});

Deno.test("withWriter() gives up a flush that its signal ends", async () => {
  const { clock, sink } = setUp();
  const release = sink.hold();
  const controller = new AbortController();
  const { signal } = controller;
  const running = withWriter(sink, { clock, signal }, (writer) => writer.write("a"));
  await Fiber.yield();
  controller.abort(new Error("enough"));
  await assertRejects(() => running, Cancelled, "enough");
  assertEquals(clock.timers, 0);
  release();
});

Deno.test("copy() into a writer goes at the pace of the writer's sink", async () => {
  const { sink, writer } = setUp({ maxPendingBytes: 4 });
  const release = sink.hold();
  let reads = 0;
  const source = {
    read(buffer: Uint8Array) {
      if (reads++ === 10) return Promise.resolve(null);
      buffer.set(encoder.encode("abc"));
      return Promise.resolve(3);
    },
  };
  const copying = copy(source, writer.sink);
  for (let i = 0; i < 20; i++) await Fiber.yield();
  assertEquals([reads, writer.pendingBytes], [3, 6]); // two are pending, the third waits for room
  release();
  assertEquals(await copying, 30);
  await writer.close();
  assertEquals(sink.writes.join(""), "abc".repeat(10));
});

Deno.test("copy() writes what a sink takes in parts, and counts all", async () => {
  const parts: string[] = [];
  const sink = {
    write(data: Uint8Array) {
      parts.push(new TextDecoder().decode(data.subarray(0, 2)));
      return Promise.resolve(Math.min(2, data.length));
    },
  };
  assertEquals(await copy(byteSource("abcde"), sink), 5);
  assertEquals(parts, ["ab", "cd", "e"]);
  assertEquals(await copy(byteSource(""), sink), 0);
});

Deno.test("copy() is given up in a read and in a write", async () => {
  const never = () => new Promise<never>(() => {});
  for (
    const [source, sink] of [[{ read: never }, new Sink()], [byteSource("a"), {
      write: never,
    }]] as const
  ) {
    const controller = new AbortController();
    const copying = copy(source, sink, { signal: controller.signal });
    await Fiber.yield();
    controller.abort(new Error("enough"));
    await assertRejects(() => copying, Cancelled, "enough");
  }
});

Deno.test("copy() fails as its source and its sink do", async () => {
  const source = { read: () => Promise.reject(new Error("no source")) };
  await assertRejects(() => copy(source, new Sink()), Error, "no source");
  const sink = new Sink();
  sink.error = new Error("no sink");
  await assertRejects(() => copy(byteSource("a"), sink), Error, "no sink");
});
