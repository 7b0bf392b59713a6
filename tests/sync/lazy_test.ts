import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { Lazy, type LazyOptions } from "../../src/sync/mod.ts";
import { rejectionOf, stateOf } from "../switch/helpers.ts";

Deno.test("Lazy computes its value once, when it is first wanted", async () => {
  let computed = 0;
  const lazy = new Lazy(async () => {
    computed++;
    await Fiber.yield();
    return 42;
  });
  assertEquals([computed, lazy.isForced], [0, false]);
  assertEquals(await Promise.all([lazy.force(), lazy.force()]), [42, 42]);
  assertEquals(await lazy.force(), 42);
  assertEquals([computed, lazy.isForced], [1, true]);
});

Deno.test("Lazy keeps a failure, and gives all the same error", async () => {
  let computed = 0;
  const lazy = new Lazy(async () => {
    computed++;
    await Fiber.yield();
    throw new Error("E");
  });
  const [first, second] = [rejectionOf(lazy.force()), rejectionOf(lazy.force())];
  const error = await first;
  assertStrictEquals(await second, error);
  assertStrictEquals(await rejectionOf(lazy.force()), error);
  assertEquals([computed, lazy.isForced], [1, true]);
});

Deno.test("Lazy that computes a value of undefined has it", async () => {
  let computed = 0;
  const lazy = new Lazy(() => void computed++);
  await lazy.force();
  await lazy.force();
  assertEquals(computed, 1);
});

/** Fibers a and b want a value; a, which computes it, is cancelled in the middle. */
async function cancelFirst(options: LazyOptions): Promise<string[]> {
  const log: string[] = [];
  const lazy = new Lazy(async (signal) => {
    log.push("calculating");
    await Fiber.yield(signal);
    log.push("complete");
    return 42;
  }, options);
  const report = (name: string, value: Promise<number>) =>
    value.then((value) => log.push(`${name}: ${value}`), (error) => log.push(`${name}: ${error}`));
  const controller = new AbortController();
  const a = report("a", lazy.force({ signal: controller.signal }));
  const b = report("b", Switch.run((sw) => lazy.force({ signal: sw.signal })));
  controller.abort("left");
  await Promise.all([a, b]);
  return log;
}

Deno.test("Lazy to restart is computed afresh by the next when the first is cancelled", async () => {
  const log = await cancelFirst({});
  assertEquals(log.filter((line) => line.startsWith("a")), ["a: AbortError: Cancelled: left"]);
  assertEquals(log.filter((line) => !line.startsWith("a")), [
    "calculating",
    "calculating",
    "complete",
    "b: 42",
  ]);
});

Deno.test("Lazy to record keeps the cancellation of the first", async () => {
  assertEquals(await cancelFirst({ onCancel: "record" }), [
    "calculating",
    "a: AbortError: Cancelled: left",
    "b: AbortError: Cancelled: left",
  ]);
});

Deno.test("Lazy to protect is computed to the end though the first is cancelled", async () => {
  const log = await cancelFirst({ onCancel: "protect" });
  assertEquals(log.slice(0, 2), ["calculating", "complete"]);
  assertEquals(log.slice(2).sort(), ["a: 42", "b: 42"]); // a notices at its next wait
});

Deno.test("Lazy to restart keeps a real error though its fiber is cancelled", async () => {
  const controller = new AbortController();
  const lazy = new Lazy(async () => {
    await Fiber.yield();
    throw new Error("E");
  });
  const first = rejectionOf(lazy.force({ signal: controller.signal }));
  controller.abort();
  assertStrictEquals(await rejectionOf(lazy.force()), await first);
  assert(lazy.isForced);
});

Deno.test("Lazy to restart keeps an AbortError that is not its fiber's", async () => {
  const lazy = new Lazy(() => Promise.reject(new Cancelled("of another")));
  const controller = new AbortController();
  const error = await rejectionOf(lazy.force({ signal: controller.signal }));
  assertStrictEquals(await rejectionOf(lazy.force()), error);
});

Deno.test("Lazy.force() that waits for another can be cancelled, and leaves that alone", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const lazy = new Lazy(() => promise);
  const first = lazy.force();
  const controller = new AbortController();
  const second = lazy.force({ signal: controller.signal });
  assertEquals(await stateOf(second), "open");
  controller.abort();
  await assertRejects(() => second, Cancelled);
  resolve(42);
  assertEquals([await first, await lazy.force()], [42, 42]);
});

Deno.test("Lazy to restart lets one of many who wait compute, however many are cancelled", async () => {
  const controllers = Array.from({ length: 5 }, () => new AbortController());
  let running = 0;
  let computed = 0;
  const lazy = new Lazy(async (signal) => {
    assertEquals(++running, 1);
    computed++;
    try {
      await Fiber.yield(signal);
      return 42;
    } finally {
      running--;
    }
  });
  const forced = controllers.map(({ signal }) => lazy.force({ signal }));
  const outcomes = forced.map((each) => each.then((value) => value, () => "cancelled"));
  for (const controller of controllers.slice(0, 3)) controller.abort();
  assertEquals(await Promise.all(outcomes), ["cancelled", "cancelled", "cancelled", 42, 42]);
  assertEquals(computed, 2);
});
