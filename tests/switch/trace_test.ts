import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type ChromeEvent,
  type ChromeSlice,
  type ChromeTrace,
  Fiber,
  onAbort,
  Switch,
  Trace,
} from "../../src/switch/mod.ts";
import { realEnv } from "../../src/env/mod.ts";
import { rejectionOf } from "./helpers.ts";
import { Program, scripts } from "./laws_program.ts";

/** A clock on which each look takes a millisecond. */
function ticking(): { monotonic(): number } {
  let ms = 0;
  return { monotonic: () => ++ms };
}

function slicesOf({ traceEvents }: ChromeTrace): ChromeSlice[] {
  return traceEvents.filter((event) => event.ph === "X");
}

/** Holds a trace to the rules of the format, as a viewer reads it from a file. */
function assertValid(trace: ChromeTrace): void {
  const { traceEvents } = JSON.parse(JSON.stringify(trace)) as ChromeTrace;
  for (const event of traceEvents) assertValidEvent(event);
  const named = traceEvents.filter(({ name }) => name === "thread_name").map(({ tid }) => tid);
  assertEquals(new Set(named).size, named.length, "a track is named twice");
  for (const { tid } of slicesOf(trace)) assert(named.includes(tid), "a track has no name");
  for (const tid of named) assertNested(slicesOf(trace).filter((slice) => slice.tid === tid));
  const flows = (ph: string) =>
    traceEvents.flatMap((event) => event.ph === ph ? [(event as { id: number }).id] : []);
  assertEquals(flows("s"), flows("f"));
  assertEquals(new Set(flows("s")).size, flows("s").length);
}

function assertValidEvent(event: ChromeEvent): void {
  assert(["M", "X", "i", "s", "f"].includes(event.ph), `phase ${event.ph}`);
  assert(typeof event.name === "string" && event.name !== "", "a name is missing");
  assert(Number.isInteger(event.pid) && Number.isInteger(event.tid), "pid or tid is no number");
  if (event.ph !== "M") assert(Number.isFinite(event.ts) && event.ts >= 0, `ts ${event.ts}`);
  if (event.ph === "X") assert(Number.isFinite(event.dur) && event.dur >= 0, `dur ${event.dur}`);
}

/** Slices of one track lie in one another, or apart. */
function assertNested(slices: ChromeSlice[]): void {
  const spans = slices.map(({ ts, dur }) => [ts, ts + dur] as const);
  for (const [start, end] of spans) {
    const crossing = spans.find(([s, e]) => start < s && s < end && end < e);
    assertEquals(crossing, undefined, `${start} to ${end} is crossed`);
  }
}

Deno.test("Trace keeps what happens to switches, fibers, waits and releases, in order", async () => {
  const trace = new Trace(ticking());
  const run = Switch.run((sw) => {
    sw.onRelease(() => {});
    sw.fork(function reader(signal) {
      return Fiber.awaitCancel(signal);
    });
    sw.fork(function failing() {
      throw new Error("E");
    });
  }, { name: "root", observer: trace });
  await rejectionOf(run);
  assertEquals(trace.events.map(({ kind, name }) => `${kind} ${name}`), [
    ...["open root", "fork reader", "wait reader", "fork failing", "cancel root"],
    ...["resume reader", "end failing", "end reader", "release root", "released root", "end root"],
  ]);
  const [cancel] = trace.events.filter((event) => event.kind === "cancel");
  const [failing] = trace.events.filter(({ name }) => name === "failing");
  assertEquals([cancel?.by, cancel?.cause], [failing?.id, "E"]);
  const ends = trace.events.filter((event) => event.kind === "end");
  assertEquals(ends.map(({ name, error }) => [name, error]), [
    ...[["failing", "E"], ["reader", "Cancelled: E"], ["root", "E"]],
  ]);
});

Deno.test("Trace gives every switch, fiber and wait a number of its own, in several trees too", async () => {
  const trace = new Trace(ticking());
  const main = (sw: Switch) => {
    sw.fork(() => onAbort(sw.signal, () => {}, "x").remove());
    sw.forkPromise(() => {});
    sw.forkDaemon(() => {});
  };
  await Promise.all([
    Switch.run(main, { observer: trace }),
    Switch.run(main, { observer: trace }),
  ]);
  const ids = trace.events.flatMap((event) => {
    if (event.kind === "wait") return [event.wait];
    return event.kind === "open" || event.kind === "fork" ? [event.id] : [];
  });
  assertEquals([ids.length, new Set(ids).size], [10, 10]);
});

Deno.test("Trace tells which fiber opened a switch by its signal, and who began a cancellation", async () => {
  const trace = new Trace(ticking());
  const run = Switch.run((sw) => {
    sw.fork(function outer(signal) {
      return Switch.run(Fiber.awaitCancel.bind(undefined, signal), { name: "inner", signal });
    });
    sw.fail(new Error("E"));
  }, { name: "root", observer: trace });
  await rejectionOf(run);
  const idOf = (name: string) => trace.events.find((event) => event.name === name)?.id;
  const inner = trace.events.find(({ kind, name }) => kind === "open" && name === "inner");
  assertEquals(inner?.kind === "open" && inner.parent, idOf("outer"));
  const cancels = trace.events.filter((event) => event.kind === "cancel");
  assertEquals(cancels.map(({ id, by }) => [id, by]), [
    [idOf("inner"), idOf("root")],
    [idOf("root"), idOf("root")],
  ]);
});

Deno.test("Trace keeps the last events, and counts those that it dropped", async () => {
  const trace = new Trace(ticking(), { capacity: 3 });
  await Switch.run((sw) => {
    for (const name of ["a", "b", "c"]) {
      sw.fork(Object.defineProperty(() => {}, "name", { value: name }));
    }
  }, { observer: trace });
  assertEquals(trace.events.map(({ kind, name }) => kind + name), ["endb", "endc", "end"]);
  assertEquals(trace.dropped, 5);
  assertEquals(slicesOf(trace.toChromeTrace()).length, 3); // an end says when it began
});

Deno.test("Trace refuses what is no capacity", () => {
  for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Trace(ticking(), { capacity }), RangeError, `got ${capacity}`);
  }
});

Deno.test("a Chrome trace has a track for each fiber, with its waits inside", async () => {
  const trace = new Trace(ticking());
  const { promise, resolve } = Promise.withResolvers<void>();
  await Switch.run((sw) => {
    sw.fork(async function reader(signal) {
      const wait = onAbort(signal, () => {}, "Channel jobs.take");
      await promise;
      wait.remove();
    });
    resolve();
  }, { name: "root", observer: trace });
  const chrome = trace.toChromeTrace();
  assertValid(chrome);
  const [root, reader, wait] = slicesOf(chrome);
  assertEquals([root?.name, root?.cat, root?.ts, root?.dur], ["root", "switch", 1000, 5000]);
  assertEquals([reader?.name, reader?.cat, reader?.ts, reader?.dur], [
    ...["reader", "fiber", 2000, 3000],
  ]);
  assertEquals([wait?.name, wait?.cat, wait?.ts, wait?.dur], [
    ...["Channel jobs.take", "wait", 3000, 1000],
  ]);
  assertEquals(wait?.tid, reader?.tid);
});

Deno.test("a Chrome trace gives waits that overlap a track each", async () => {
  const trace = new Trace(ticking());
  await Switch.run((sw) => {
    const [a, b, c] = ["a", "b", "c"].map((what) => onAbort(sw.signal, () => {}, what));
    for (const wait of [a, c, b]) wait?.remove();
  }, { observer: trace });
  const chrome = trace.toChromeTrace();
  assertValid(chrome);
  const waits = slicesOf(chrome).filter(({ cat }) => cat === "wait");
  const tid = Object.fromEntries(waits.map(({ name, tid }) => [name, tid]));
  assertEquals([tid.a === tid.b, tid.b === tid.c], [false, true]); // c lies in b
});

Deno.test("a Chrome trace draws an arrow from the fiber that failed to all that it brought down", async () => {
  const trace = new Trace(ticking());
  const run = Switch.run((sw) => {
    sw.fork(() => sw.run((child) => Fiber.awaitCancel(child.signal), { name: "child" }));
    sw.fork(function failing() {
      throw new Error("E");
    });
  }, { name: "root", observer: trace });
  await rejectionOf(run);
  const chrome = trace.toChromeTrace();
  assertValid(chrome);
  const titleOf = (tid: number) => {
    const title = chrome.traceEvents.find((event) =>
      event.name === "thread_name" && event.tid === tid
    );
    return title?.ph === "M" && "name" in title.args ? title.args.name : undefined;
  };
  const ends = (ph: string) =>
    chrome.traceEvents.filter((event) => event.ph === ph).map(({ tid }) => titleOf(tid));
  assertEquals(ends("s"), ["fiber failing", "fiber failing"]);
  assertEquals(ends("f"), ["switch child", "switch root"]);
});

Deno.test("a Chrome trace shows what has not ended up to the last event", async () => {
  const trace = new Trace(ticking());
  const { promise, resolve } = Promise.withResolvers<void>();
  await Switch.run((sw) => {
    sw.fork(() => promise);
    sw.fork(() => promise);
    const slices = slicesOf(trace.toChromeTrace());
    assertEquals(slices.map(({ ts, dur }) => ts + dur), [3000, 3000, 3000]);
    resolve();
  }, { observer: trace });
});

Deno.test("a Chrome trace is valid, whatever the program and however much was dropped", async () => {
  const choices = fc.array(fc.nat(), { maxLength: 60 });
  const capacity = fc.integer({ min: 1, max: 100 });
  await fc.assert(
    fc.asyncProperty(
      capacity,
      scripts,
      choices,
      fc.nat({ max: 80 }),
      async (capacity, ...program) => {
        const trace = new Trace(ticking(), { capacity });
        await new Program(trace).run(...program);
        assertValid(trace.toChromeTrace());
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a Chrome trace of a real run is valid, and its times are those of the run", async () => {
  const { clock, net } = realEnv();
  const trace = new Trace(clock);
  const begin = clock.monotonic() * 1000;
  await Switch.run(async (sw) => {
    const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
    sw.fork(async function server() {
      using conn = await listener.accept();
      await conn.write(new Uint8Array(1));
    });
    await sw.run(async (sw) => {
      const conn = await net.connect(sw, listener.address);
      await conn.read(new Uint8Array(1));
      await clock.sleep(1, { signal: sw.signal });
    }, { name: "client" });
  }, { name: "real", observer: trace });
  const chrome = trace.toChromeTrace();
  assertValid(chrome);
  const sleeps = slicesOf(chrome).filter(({ name }) => name === "sleep 1 ms");
  assertEquals(sleeps.length, 1);
  for (const { ts, dur } of slicesOf(chrome)) {
    assert(ts >= begin && ts + dur <= clock.monotonic() * 1000);
  }
});
