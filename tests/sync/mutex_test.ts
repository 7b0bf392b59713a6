import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { Mutex, Poisoned } from "../../src/sync/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf, turn } from "../switch/helpers.ts";

Deno.test("Mutex lets one in at a time, in the order in which they came", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  await Switch.run((sw) => {
    for (const name of ["a", "b", "c", "d"]) {
      sw.fork(async () => {
        using _guard = await mutex.lock();
        log.push(`${name} in`);
        await Fiber.yield();
        log.push(`${name} out`);
      });
    }
    assertEquals([mutex.isLocked, mutex.waiting], [true, 3]);
  });
  assertEquals(log, ["a in", "a out", "b in", "b out", "c in", "c out", "d in", "d out"]);
  assertEquals([mutex.isLocked, mutex.waiting], [false, 0]);
});

Deno.test("Mutex.tryLock() lets one in, and the other not; it works again later", async () => {
  const mutex = new Mutex();
  const tried: boolean[] = [];
  const enter = async () => {
    using guard = mutex.tryLock();
    tried.push(guard !== undefined);
    await Fiber.yield();
  };
  await Switch.run((sw) => {
    sw.fork(enter);
    sw.fork(enter);
  });
  await enter();
  assertEquals(tried, [true, false, true]);
});

Deno.test("Mutex gives the lock of a waiter that was cancelled to the next", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const holder = await mutex.lock();
  const controller = new AbortController();
  const second = mutex.lock({ signal: controller.signal }).then(() => log.push("second ran"));
  const third = mutex.lock();
  controller.abort("left");
  await assertFails(second, "Cancelled: left");
  holder.unlock();
  (await third).unlock();
  assertEquals([log, mutex.isLocked], [[], false]);
});

Deno.test("Mutex.lock() that was handed the lock is not cancelled any more", async () => {
  const mutex = new Mutex();
  const holder = await mutex.lock();
  const controller = new AbortController();
  const waiting = mutex.lock({ signal: controller.signal });
  holder.unlock();
  controller.abort();
  const guard = await waiting;
  assertEquals([guard.isHeld, mutex.isLocked], [true, true]);
  guard.unlock();
  assertEquals(mutex.isLocked, false);
});

Deno.test("Mutex.lock() takes a free lock in a cancelled switch, but does not wait", async () => {
  const mutex = new Mutex();
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const { signal } = sw;
    using _guard = await mutex.lock({ signal });
    assertStrictEquals(await rejectionOf(mutex.lock({ signal })), sw.error);
    assertEquals(mutex.waiting, 0);
  }));
  assertEquals(mutex.isLocked, false);
});

Deno.test("Mutex.lock() leaves no listener on a signal, whether admitted, cancelled or poisoned", async () => {
  const mutex = new Mutex();
  const { controller, signal, listeners } = countedSignal();
  const failing = mutex.useRw(() => turn().then(() => Promise.reject(new Error("E"))));
  const cancelled = mutex.lock({ signal });
  controller.abort();
  await rejectionOf(cancelled);
  const other = countedSignal();
  const poisoned = mutex.lock({ signal: other.signal });
  assertEquals([listeners.size, other.listeners.size], [0, 1]);
  await rejectionOf(failing);
  await rejectionOf(poisoned);
  assertEquals(other.listeners.size, 0);
});

Deno.test("Guard.unlock() a second time throws, and lets nobody else's lock go", async () => {
  const mutex = new Mutex({ name: "books" });
  const first = await mutex.lock();
  const waiting = mutex.lock();
  first.unlock();
  assertThrows(
    () => first.unlock(),
    TypeError,
    'Cannot unlock the mutex "books": it is not held here',
  );
  first[Symbol.dispose]();
  const second = await waiting;
  assertEquals([mutex.isLocked, mutex.tryLock()], [true, undefined]);
  second.unlock();
  assertEquals([mutex.isLocked, mutex.poison], [false, undefined]);
});

Deno.test("Guard.lock() takes the lock again, in line like everybody", async () => {
  const mutex = new Mutex();
  const guard = await mutex.lock();
  await assertRejects(() => guard.lock(), TypeError, "it is held here already");
  guard.unlock();
  const other = await mutex.lock();
  const again = guard.lock();
  assertEquals([guard.isHeld, await stateOf(again)], [false, "open"]);
  other.unlock();
  await again;
  assertEquals([guard.isHeld, mutex.isLocked], [true, true]);
  guard.unlock();
  assertEquals(mutex.isLocked, false);
});

Deno.test("Guard.lock() that is cancelled leaves the guard without the lock", async () => {
  const mutex = new Mutex();
  const guard = await mutex.lock();
  guard.unlock();
  using _other = await mutex.lock();
  const controller = new AbortController();
  const again = guard.lock({ signal: controller.signal });
  controller.abort();
  await assertRejects(() => again, Cancelled);
  assertEquals([guard.isHeld, mutex.waiting], [false, 0]);
});

Deno.test("Mutex.useRw() returns what its function returned, and unlocks", async () => {
  const mutex = new Mutex();
  assertEquals(await mutex.useRw(() => mutex.isLocked), true);
  assertEquals(await mutex.useRo(() => Promise.resolve(42)), 42);
  assertEquals(mutex.isLocked, false);
});

Deno.test("Mutex.useRw() that fails poisons the mutex for those who wait and those who come", async () => {
  const mutex = new Mutex({ name: "books" });
  const cause = new Error("E");
  const failing = mutex.useRw(() => turn().then(() => Promise.reject(cause)));
  const waiting = [mutex.lock(), mutex.useRo(() => "ran")];
  assertStrictEquals(await rejectionOf(failing), cause);
  for (const late of [...waiting, mutex.lock(), mutex.useRw(() => "ran")]) {
    const error = await rejectionOf(late);
    assert(error instanceof Poisoned);
    assertEquals(error.message, 'Cannot lock the mutex "books": a writer failed in it: E');
    assertStrictEquals(error.cause, cause);
  }
  assertThrows(() => mutex.tryLock(), Poisoned);
  assertEquals([mutex.poison?.cause, mutex.waiting], [cause, 0]);
});

Deno.test("Mutex.useRo() that fails leaves the mutex as it was", async () => {
  const mutex = new Mutex();
  await assertFails(mutex.useRo(() => Promise.reject(new Error("E"))), "E");
  (await mutex.lock()).unlock();
  assertEquals(mutex.poison, undefined);
});

Deno.test("Mutex.useRw() with protect finishes its section though its switch is cancelled", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.fork(async (signal) => {
      await mutex.useRw(async (inner) => {
        await Fiber.yield(inner);
        log.push("restored");
      }, { signal, protect: true });
      sw.check();
      log.push("BUG");
    });
    sw.fork(() => {
      log.push("C");
      throw new Error("E");
    });
  });
  await assertFails(run, "E");
  assertEquals([log, mutex.isLocked, mutex.poison], [["C", "restored"], false, undefined]);
});

Deno.test("Mutex.useRw() with protect still gives up the wait for the lock", async () => {
  const mutex = new Mutex();
  using _holder = await mutex.lock();
  const controller = new AbortController();
  const waiting = mutex.useRw(() => "ran", { signal: controller.signal, protect: true });
  controller.abort();
  await assertRejects(() => waiting, Cancelled);
  assertEquals([mutex.waiting, mutex.poison], [0, undefined]);
});

Deno.test("Mutex.useRw() without protect is cancelled in its section, which poisons", async () => {
  const mutex = new Mutex();
  const controller = new AbortController();
  const writing = mutex.useRw((signal) => Fiber.awaitCancel(signal), {
    signal: controller.signal,
  });
  controller.abort("left");
  const error = await rejectionOf(writing);
  assert(error instanceof Cancelled);
  assertStrictEquals(mutex.poison?.cause, error);
});

Deno.test("Mutex.useRw() without a signal gives its function one that is never aborted", async () => {
  const mutex = new Mutex();
  assertEquals(await mutex.useRw((signal) => signal.aborted), false);
  assertEquals(await mutex.useRo((signal) => signal.aborted), false);
});

Deno.test("Guard.lock() of a mutex that was poisoned rejects, and holds nothing", async () => {
  const mutex = new Mutex();
  const guard = await mutex.lock();
  guard.unlock();
  await rejectionOf(mutex.useRw(() => Promise.reject(new Error("E"))));
  await assertRejects(() => guard.lock(), Poisoned);
  assertEquals(guard.isHeld, false);
});
