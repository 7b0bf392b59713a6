import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { Condition, Mutex, Poisoned } from "../../src/sync/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf, turn } from "../switch/helpers.ts";

Deno.test("Condition.broadcast() goes on first, then the one it woke", async () => {
  const condition = new Condition();
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.fork(async () => {
      log.push("1: waits");
      await condition.wait();
      log.push("1: finished");
    });
    log.push("2: broadcasts");
    assertEquals(condition.broadcast(), 1);
    log.push("2: finished");
  });
  assertEquals(log, ["1: waits", "2: broadcasts", "2: finished", "1: finished"]);
});

Deno.test("Condition.broadcast() with nobody waiting is not kept for who comes later", async () => {
  const condition = new Condition();
  assertEquals(condition.broadcast(), 0);
  const waiting = condition.wait();
  assertEquals([await stateOf(waiting), condition.waiting], ["open", 1]);
  condition.broadcast();
  await waiting;
});

Deno.test("Condition.broadcast() wakes all, in the order in which they came, with its value", async () => {
  const condition = new Condition<string>();
  const log: string[] = [];
  const waiting = ["a", "b", "c"].map((name) =>
    condition.wait().then((value) => log.push(`${name}: ${value}`))
  );
  assertEquals(condition.broadcast("news"), 3);
  await Promise.all(waiting);
  assertEquals([log, condition.waiting], [["a: news", "b: news", "c: news"], 0]);
});

Deno.test("Condition.broadcast() does not wake one that waits again at once", async () => {
  const condition = new Condition();
  let woken = 0;
  const again = condition.wait().then(() => {
    woken++;
    return condition.wait();
  });
  condition.broadcast();
  assertEquals([await stateOf(again), woken], ["open", 1]);
  condition.broadcast();
  await again;
});

Deno.test("Condition.signal() wakes the one that waits longest, and says whether there was one", async () => {
  const condition = new Condition<number>();
  const [first, second] = [condition.wait(), condition.wait()];
  assertEquals(condition.signal(1), true);
  assertEquals(await first, 1);
  assertEquals([await stateOf(second), condition.waiting], ["open", 1]);
  assertEquals([condition.signal(2), condition.signal(3)], [true, false]);
  assertEquals(await second, 2);
});

Deno.test("Condition.signal() passes over one that was cancelled", async () => {
  const condition = new Condition();
  const controller = new AbortController();
  const first = condition.wait({ signal: controller.signal });
  const second = condition.wait();
  controller.abort();
  assertEquals(condition.signal(), true);
  await second;
  await assertRejects(() => first, Cancelled);
});

Deno.test("Condition.fail() rejects all that wait, and nobody who comes later", async () => {
  const condition = new Condition();
  const error = new Error("E");
  const waiting = [condition.wait(), condition.wait()];
  assertEquals(condition.fail(error), 2);
  for (const each of waiting) assertStrictEquals(await rejectionOf(each), error);
  const late = condition.wait();
  condition.broadcast();
  await late;
});

Deno.test("a loop around Condition.wait() sees the state that it waits for, and not each before", async () => {
  const condition = new Condition();
  const log: number[] = [];
  let x = 0;
  const set = (value: number) => {
    x = value;
    condition.broadcast();
  };
  await Switch.run(async (sw) => {
    sw.fork(async () => {
      log.push(x);
      while (x !== 42) await condition.wait();
      log.push(x);
    });
    set(5);
    await Fiber.yield();
    set(7);
    set(42);
  });
  assertEquals(log, [0, 42]);
});

Deno.test("Condition.wait() that is cancelled leaves no waiter and no listener", async () => {
  const condition = new Condition();
  const { controller, signal, listeners } = countedSignal();
  const waiting = condition.wait({ signal });
  const woken = condition.wait({ signal });
  assertEquals(listeners.size, 2);
  controller.abort("left");
  await assertFails(waiting, "Cancelled: left");
  await assertFails(woken, "Cancelled: left");
  assertEquals([condition.waiting, listeners.size], [0, 0]);
});

Deno.test("Condition.wait() that was woken is not cancelled any more", async () => {
  const condition = new Condition<string>();
  const controller = new AbortController();
  const waiting = condition.wait({ signal: controller.signal });
  condition.broadcast("news");
  controller.abort();
  assertEquals(await waiting, "news");
});

Deno.test("Condition.wait() with a guard unlocks for the wait, and locks again", async () => {
  const condition = new Condition<string>();
  const mutex = new Mutex();
  const log: string[] = [];
  const waiter = async () => {
    using guard = await mutex.lock();
    log.push(await condition.wait({ guard }));
    log.push(`held: ${guard.isHeld}`);
  };
  const waiting = waiter();
  await turn();
  assertEquals(mutex.isLocked, false);
  {
    using _guard = await mutex.lock();
    condition.broadcast("news");
    await turn();
    log.push("broadcaster ends");
  }
  await waiting;
  assertEquals([log, mutex.isLocked], [["broadcaster ends", "news", "held: true"], false]);
});

Deno.test("Condition.wait() that is cancelled while another holds the mutex locks it again first", async () => {
  const condition = new Condition();
  const mutex = new Mutex();
  const log: string[] = [];
  const run = Switch.run(async (sw) => {
    sw.fork(async (signal) => {
      using guard = await mutex.lock();
      try {
        await condition.wait({ guard, signal });
      } catch (error) {
        log.push(`waiter: ${error}, held: ${guard.isHeld}`);
        throw error;
      }
    });
    await turn();
    using _guard = await mutex.lock();
    log.push("holder locks");
    sw.fail(new Error("E"));
    await turn();
    log.push("holder unlocks");
  });
  await assertFails(run, "E");
  assertEquals(log, [
    "holder locks",
    "holder unlocks",
    "waiter: AbortError: Cancelled: E, held: true",
  ]);
  assertEquals([mutex.isLocked, condition.waiting], [false, 0]);
});

Deno.test("Condition.wait() in a cancelled switch rejects, with the guard held", async () => {
  const condition = new Condition();
  const mutex = new Mutex();
  using guard = await mutex.lock();
  await assertRejects(() => condition.wait({ guard, signal: AbortSignal.abort() }), Cancelled);
  assertEquals([guard.isHeld, condition.waiting], [true, 0]);
});

Deno.test("Condition.wait() with a guard that is not held waits for nothing", async () => {
  const condition = new Condition();
  const guard = await new Mutex().lock();
  guard.unlock();
  await assertRejects(() => condition.wait({ guard }), TypeError, "it is not held here");
  assertEquals(condition.waiting, 0);
});

Deno.test("Condition.wait() whose mutex was poisoned meanwhile says so", async () => {
  const condition = new Condition();
  const mutex = new Mutex();
  const guard = await mutex.lock();
  const waiting = condition.wait({ guard });
  await rejectionOf(mutex.useRw(() => Promise.reject(new Error("E"))));
  condition.broadcast();
  await assertRejects(() => waiting, Poisoned);
  assertEquals(guard.isHeld, false);
});

Deno.test("Condition.loop() calls once more when there was news during a call, once or more often", async () => {
  const condition = new Condition();
  const log: string[] = [];
  let x = 0;
  await Switch.run(async (sw) => {
    sw.fork(() =>
      condition.loop(async () => {
        log.push("check");
        await Fiber.yield();
        log.push(`saw ${x}`);
        if (x !== 3) return undefined;
        log.push("finished");
        return x;
      })
    );
    for (const changes of [[1], [2, 3], [4]]) {
      for (x of changes) condition.broadcast();
      await Fiber.yield();
    }
  });
  assertEquals(log, ["check", "saw 1", "check", "saw 3", "finished"]);
  assertEquals(condition.waiting, 0);
});

Deno.test("Condition.loop() returns what its function found, at once or after news", async () => {
  const condition = new Condition();
  assertEquals(await condition.loop(() => null), null);
  let x = 0;
  const found = condition.loop(() => x > 1 ? x : undefined);
  for (x of [1, 2]) {
    condition.broadcast();
    await turn();
  }
  assertEquals(await found, 2);
});

Deno.test("Condition.loop() is cancelled in its wait, and rejects with what its function throws", async () => {
  const condition = new Condition();
  const controller = new AbortController();
  let calls = 0;
  const waiting = condition.loop(() => void calls++, { signal: controller.signal });
  await turn();
  condition.broadcast();
  controller.abort();
  await assertRejects(() => waiting, Cancelled);
  assertEquals([calls, condition.waiting], [2, 0]);
  await assertFails(condition.loop(() => Promise.reject(new Error("E"))), "E");
});

Deno.test("Condition.loop() hears of a failure that comes during a call", async () => {
  const condition = new Condition();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const waiting = condition.loop(() => promise);
  assertEquals(condition.fail(new Error("E")), 0);
  condition.broadcast();
  resolve(undefined);
  await assertFails(waiting, "E");
});

Deno.test("Condition.loop() does not hear of a failure from before", async () => {
  const condition = new Condition();
  condition.fail(new Error("E"));
  const waiting = condition.loop(() => undefined);
  assertEquals(await stateOf(waiting), "open");
  condition.fail(new Error("F"));
  await assertFails(waiting, "F");
});
