import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type ByteSink, FakeClock, NetError } from "../../src/env/mod.ts";
import { LineWriter } from "../../src/net/line_writer.ts";
import { Cancelled } from "../../src/switch/mod.ts";

/** Takes what it is given, or, while it is `held`, what `take` lets through. */
class Sink implements ByteSink {
  readonly writes: string[] = [];
  most = Infinity;
  held = false;
  #waiting: { data: Uint8Array; resolve: (count: number) => void } | undefined;
  #arrived: (() => void)[] = [];

  write(data: Uint8Array): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting = { data, resolve };
    for (const arrived of this.#arrived.splice(0)) arrived();
    if (!this.held) this.take(this.most);
    return promise;
  }

  /** Lets the write that waits take up to `most` bytes. */
  take(most: number = Infinity): void {
    const { data, resolve } = this.#waiting!;
    this.#waiting = undefined;
    const taken = data.slice(0, most);
    this.writes.push(new TextDecoder().decode(taken));
    resolve(taken.length);
  }

  /** Resolves when a write waits. */
  async arrival(): Promise<void> {
    if (!this.#waiting) await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }
}

function setUp(options: { maxPendingBytes?: number; stallMs?: number } = {}) {
  const clock = new FakeClock();
  const sink = new Sink();
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  return { clock, sink, errors, writer: new LineWriter(sink, { clock, onError, ...options }) };
}

Deno.test("LineWriter sends what is written in one turn in one write", async () => {
  const { sink, writer } = setUp();
  writer.write("Hello");
  writer.write(" ");
  writer.writeLine("world");
  assertEquals(sink.writes, []);
  await writer.flush();
  assertEquals(sink.writes, ["Hello world\n"]);
});

Deno.test("LineWriter sends what is written in two turns in two writes", async () => {
  const { clock, sink, writer } = setUp();
  writer.write("Hello ");
  await clock.settle();
  writer.write("world");
  await writer.flush();
  assertEquals(sink.writes, ["Hello ", "world"]);
});

Deno.test("LineWriter collects what comes while a write is under way into one next write", async () => {
  const { clock, sink, writer } = setUp();
  sink.held = true;
  writer.write("a");
  await sink.arrival();
  for (const text of ["b", "c", "d"]) {
    writer.write(text);
    await clock.settle();
  }
  assertEquals(sink.writes, []);
  sink.held = false;
  sink.take();
  await writer.flush();
  assertEquals(sink.writes, ["a", "bcd"]);
});

Deno.test("LineWriter writes nothing for nothing", async () => {
  const { clock, sink, writer } = setUp();
  writer.write("");
  await clock.settle();
  await writer.flush();
  assertEquals(sink.writes, []);
});

Deno.test("LineWriter goes on after a write that took only a part", async () => {
  const { sink, writer } = setUp();
  sink.most = 2;
  writer.write("abcde");
  await writer.flush();
  assertEquals(sink.writes, ["ab", "cd", "e"]);
});

Deno.test("LineWriter.flush() waits for what was written before it, not for more", async () => {
  const { sink, writer } = setUp();
  sink.held = true;
  writer.write("a");
  await sink.arrival();
  const flushed = writer.flush();
  writer.write("b");
  sink.take();
  await flushed;
  assertEquals(sink.writes, ["a"]);
  assertEquals(writer.pendingBytes, 1);
  await sink.arrival();
  sink.take();
  await writer.flush();
});

Deno.test("LineWriter.ready() waits while the limit is pending", async () => {
  const { sink, writer } = setUp({ maxPendingBytes: 4 });
  sink.held = true;
  writer.write("abc");
  await writer.ready(); // below the limit: at once
  assertEquals(writer.isFull, false);
  writer.write("d");
  assertEquals([writer.pendingBytes, writer.isFull], [4, true]);
  const order: string[] = [];
  const ready = writer.ready().then(() => order.push("ready"));
  await sink.arrival();
  order.push("taken");
  sink.take();
  await ready;
  assertEquals(order, ["taken", "ready"]);
  assertEquals(writer.pendingBytes, 1);
  await sink.arrival();
  sink.take();
  await writer.close();
});

Deno.test("LineWriter.ready() that is cancelled rejects, and what is pending is sent", async () => {
  const { sink, writer } = setUp({ maxPendingBytes: 1 });
  sink.held = true;
  writer.write("a");
  const controller = new AbortController();
  const ready = writer.ready({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => ready, Cancelled, "enough");
  await sink.arrival();
  sink.take();
  await writer.flush();
  assertEquals(sink.writes, ["a"]);
});

Deno.test("LineWriter.close() sends what was written and refuses more", async () => {
  const { clock, sink, writer } = setUp();
  writer.write("a");
  const closed = writer.close();
  assertThrows(() => writer.write("b"), TypeError, "Cannot write: the writer is closed");
  await closed;
  assertEquals(sink.writes, ["a"]);
  assertEquals(clock.timers, 0);
});

Deno.test("LineWriter.abort() drops what is pending and rejects who waits", async () => {
  const { clock, sink, errors, writer } = setUp();
  sink.held = true;
  writer.write("a");
  await sink.arrival();
  writer.write("b");
  const flushed = writer.flush();
  writer.abort(new Error("cut"));
  await assertRejects(() => flushed, Error, "cut");
  await assertRejects(() => writer.ready(), Error, "cut");
  writer.write("c");
  sink.take();
  await clock.settle();
  assertEquals(sink.writes, ["a"]);
  assertEquals(writer.pendingBytes, 0);
  assertEquals(errors, []); // whoever aborts knows
  assertEquals(clock.timers, 0);
});

Deno.test("LineWriter tells once that a write has failed, and drops the rest", async () => {
  const clock = new FakeClock();
  const errors: Error[] = [];
  let writes = 0;
  const failure = new NetError("connection-reset", "Cannot write: gone");
  const sink = {
    write: () => {
      writes++;
      return Promise.reject(failure);
    },
  };
  const writer = new LineWriter(sink, { clock, onError: (error) => void errors.push(error) });
  writer.write("a");
  await assertRejects(() => writer.flush(), NetError, "gone");
  writer.write("b");
  await clock.settle();
  await assertRejects(() => writer.close(), NetError, "gone");
  assertEquals(errors, [failure]);
  assertEquals(writes, 1);
});

Deno.test("LineWriter fails when the peer takes nothing for stallMs", async () => {
  const { clock, sink, errors, writer } = setUp({ stallMs: 1000 });
  sink.held = true;
  writer.write("a");
  await sink.arrival();
  clock.tick(999);
  assertEquals(errors, []);
  clock.tick(1);
  assertEquals(errors.map((error) => error.message), [
    "Cannot write: the peer has taken nothing for 1000 ms",
  ]);
  await assertRejects(() => writer.flush(), NetError);
});

Deno.test("LineWriter bears with a peer that takes a byte in time", async () => {
  const { clock, sink, errors, writer } = setUp({ stallMs: 1000 });
  sink.held = true;
  writer.write("abc");
  for (let i = 0; i < 3; i++) {
    await sink.arrival();
    clock.tick(900);
    sink.take(1);
    await clock.settle();
  }
  await writer.flush();
  assertEquals(errors, []);
});

Deno.test("LineWriter sets one timer for many writes, and none for an idle peer's sake", async () => {
  const { clock, errors, writer } = setUp({ stallMs: 1000 });
  for (let i = 0; i < 100; i++) {
    writer.write("a");
    await writer.flush();
    clock.tick(1);
  }
  assertEquals(clock.timers, 1);
  clock.tick(1000);
  assertEquals(clock.timers, 0);
  assertEquals(errors, []);
});

Deno.test("LineWriter counts a stall from the first byte of a busy spell, not from the last one's end", async () => {
  const { clock, sink, errors, writer } = setUp({ stallMs: 1000 });
  writer.write("a");
  await writer.flush();
  clock.tick(600);
  sink.held = true;
  writer.write("b");
  await sink.arrival();
  clock.tick(999);
  assertEquals(errors, []);
  clock.tick(1);
  assertEquals(errors.length, 1);
});

Deno.test("LineWriter refuses limits that are not positive", () => {
  const sink = new Sink();
  const clock = new FakeClock();
  for (const limits of [{ maxPendingBytes: 0 }, { stallMs: -1 }, { stallMs: NaN }]) {
    assertThrows(() => new LineWriter(sink, { clock, ...limits }), RangeError, "positive");
  }
});

Deno.test("LineWriter sends all of every text in order, whatever the writes take", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ text: fc.string({ unit: "grapheme", maxLength: 8 }), times: fc.nat(9000) }),
      ),
      fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })),
      fc.infiniteStream(fc.boolean()),
      async (texts, sizes, pauses) => {
        const parts: Uint8Array[] = [];
        const clock = new FakeClock();
        const sink = {
          async write(data: Uint8Array) {
            if (pauses.next().value) await undefined;
            parts.push(data.slice(0, sizes.next().value!));
            return parts.at(-1)!.length;
          },
        };
        const writer = new LineWriter(sink, { clock });
        for (const { text, times } of texts) {
          writer.write(text.repeat(times));
          if (pauses.next().value) await undefined;
        }
        await writer.close();
        const expected = texts.map(({ text, times }) => text.repeat(times)).join("");
        const sent = await new Response(new Blob(parts as Uint8Array<ArrayBuffer>[])).text();
        assertEquals(sent === expected, true);
      },
    ),
    { numRuns: 50 },
  );
});
