import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Fiber, Switch } from "../../src/switch/mod.ts";
import { rejectionOf, turn } from "./helpers.ts";

const E = new Error("E");

Deno.test("Fiber.map() works on all items at once, with results in input order", async () => {
  const log: string[] = [];
  const results = await Fiber.map([1, 2, 3, 4], async (n) => {
    log.push(`Start ${n}`);
    await Fiber.yield();
    log.push(`Finished ${n}`);
    return n * n;
  });
  const say = (word: string) => [1, 2, 3, 4].map((n) => `${word} ${n}`);
  assertEquals(log, [...say("Start"), ...say("Finished")]);
  assertEquals(results, [1, 4, 9, 16]);
});

Deno.test("Fiber.filterMap() stops at the first failure", async () => {
  const log: string[] = [];
  const run = Fiber.filterMap([1, 2, 3, 4], async (n, signal) => {
    log.push(`Start ${n}`);
    await Fiber.yield(signal);
    if (n === 3) throw E;
    log.push(`Finished ${n}`);
    return n;
  });
  assertStrictEquals(await rejectionOf(run), E);
  assertEquals(log, ["Start 1", "Start 2", "Start 3", "Start 4", "Finished 1", "Finished 2"]);
});

Deno.test("Fiber.filter() and filterMap() keep the order of the items", async () => {
  const isOdd = async (n: number) => {
    if (n < 3) await Fiber.yield();
    return n % 2 === 1;
  };
  assertEquals(await Fiber.filter(new Set([1, 2, 3, 4, 5]), isOdd), [1, 3, 5]);
  const half = (n: number) => n % 2 === 0 ? n / 2 : undefined;
  assertEquals(await Fiber.filterMap([1, 2, 3, 4], half), [1, 2]);
});

for (const maxFibers of [0, -1, 1.5, NaN]) {
  Deno.test(`Fiber.map() refuses maxFibers ${maxFibers}, naming it`, async () => {
    await assertRejects(
      () => Fiber.map([], () => {}, { maxFibers }),
      RangeError,
      `Cannot run fibers: maxFibers must be a positive integer or Infinity, got ${maxFibers}`,
    );
  });
}

Deno.test("Fiber.map() has no more than maxFibers at work, and starts the next as one ends", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (turns, maxFibers) => {
        let running = 0;
        let most = 0;
        const started: number[] = [];
        const results = await Fiber.map(turns.entries(), async ([i, count]) => {
          started.push(i);
          most = Math.max(most, ++running);
          for (let n = 0; n < count; n++) await turn();
          running--;
          return i;
        }, { maxFibers });
        const inOrder = Array.from(turns.keys());
        assertEquals([results, started, running], [inOrder, inOrder, 0]);
        if (turns.every((count) => count > 0)) {
          assertEquals(most, Math.min(maxFibers, turns.length));
        } else if (most > maxFibers) throw new Error(`${most} at work`);
      },
    ),
    { numRuns: 50 },
  ));

Deno.test("Fiber.map() asks for an item only when there is a fiber for it", async () => {
  const log: string[] = [];
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const items = function* () {
    for (const [i, end] of ends.entries()) {
      log.push(`item ${i}`);
      yield end.promise;
    }
  };
  const run = Fiber.map(items(), (end) => end, { maxFibers: 1 });
  await turn();
  assertEquals(log, ["item 0"]);
  ends[0]!.resolve();
  await turn();
  assertEquals(log, ["item 0", "item 1"]);
  ends[1]!.resolve();
  await run;
});

Deno.test("Fiber.forEach() that fails closes the iterator, and starts nothing more", async () => {
  const log: string[] = [];
  const items = function* () {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      log.push("closed");
    }
  };
  const run = Fiber.forEach(items(), async (i) => {
    log.push(`item ${i}`);
    await turn();
    if (i === 1) throw E;
  }, { maxFibers: 1 });
  assertStrictEquals(await rejectionOf(run), E);
  assertEquals(log, ["item 0", "item 1", "closed"]);
});

Deno.test("an iterator that throws fails Fiber.map(), which waits for what runs", async () => {
  let isEnded = false;
  const items = function* () {
    yield 1;
    throw E;
  };
  const run = Fiber.map(items(), async () => {
    await turn();
    isEnded = true;
  });
  assertStrictEquals(await rejectionOf(run), E);
  assertEquals(isEnded, true);
});

Deno.test("Fiber.map() runs below the switch of its signal", async () => {
  const log: string[] = [];
  const error = await rejectionOf(Switch.run(async (sw) => {
    sw.fork(async () => {
      await turn();
      throw E;
    });
    await Fiber.forEach([1, 2], async (_, signal) => {
      await Fiber.awaitCancel(signal).finally(() => log.push("cancelled"));
    }, { signal: sw.signal });
  }));
  assertStrictEquals(error, E);
  assertEquals(log, ["cancelled", "cancelled"]);
});
