import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../../src/env/mod.ts";
import { Cancelled, Fiber, MultipleErrors, Timeout, TimeoutError } from "../../src/switch/mod.ts";
import { countedSignal, rejectionOf, stateOf } from "./helpers.ts";

const E = new Error("E");

/** Waits for `promise` without its rejection being reported meanwhile. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

Deno.test("Fiber.withTimeout() returns the value, and takes its timer back", async () => {
  const clock = new FakeClock();
  assertEquals(await Fiber.withTimeout(clock, 100, () => "in time"), "in time");
  assertEquals(clock.timers, 0);
});

Deno.test("Fiber.withTimeout() throws what its function threw, and takes its timer back", async () => {
  const clock = new FakeClock();
  assertStrictEquals(await rejectionOf(Fiber.withTimeout(clock, 1, () => Promise.reject(E))), E);
  assertEquals(clock.timers, 0);
});

Deno.test("Fiber.withTimeout() cancels its function when the time is up, and not before", async () => {
  const clock = new FakeClock();
  const run = handled(Fiber.withTimeout(clock, 100, Fiber.awaitCancel));
  await clock.advance(99);
  assertEquals(await stateOf(run), "open");
  await clock.advance(1);
  const error = await rejectionOf(run);
  assert(error instanceof TimeoutError);
  assertEquals([error.name, error.timeoutMs], ["TimeoutError", 100]);
  assertEquals(error.message, "Cannot finish within 0.1s: the time is up");
});

Deno.test("the function sees the timeout as the cause of its cancellation", async () => {
  const clock = new FakeClock();
  const { promise: reason, resolve } = Promise.withResolvers<unknown>();
  const run = handled(Fiber.withTimeout(clock, 100, async (signal) => {
    await Fiber.awaitCancel(signal).catch(resolve);
  }));
  await clock.advance(100);
  const cancelled = await reason;
  assert(cancelled instanceof Cancelled);
  assertStrictEquals(cancelled.cause, await rejectionOf(run));
});

Deno.test("Fiber.withTimeout() throws only after the function has really ended", async () => {
  const clock = new FakeClock();
  const run = handled(Fiber.withTimeout(clock, 100, async () => {
    await clock.sleep(150); // whatever its signal says
    return "too late";
  }));
  await clock.advance(149);
  assertEquals(await stateOf(run), "open");
  await clock.advance(1);
  assert(await rejectionOf(run) instanceof TimeoutError);
});

Deno.test("what fails after the time is up is joined to the timeout", async () => {
  const clock = new FakeClock();
  const run = handled(Fiber.withTimeout(clock, 100, async (signal) => {
    await Fiber.awaitCancel(signal).catch(() => {
      throw E;
    });
  }));
  await clock.advance(100);
  const error = await rejectionOf(run);
  assert(error instanceof MultipleErrors);
  assertStrictEquals(error.errors[1], E);
  assert(error.errors[0] instanceof TimeoutError);
});

Deno.test("Fiber.withTimeout() is cancelled by its signal, and leaves nothing behind", async () => {
  const clock = new FakeClock();
  const { controller, signal, listeners } = countedSignal();
  const run = handled(Fiber.withTimeout(clock, 100, Fiber.awaitCancel, { signal }));
  await clock.settle();
  controller.abort("enough");
  const error = await rejectionOf(run);
  assert(error instanceof Cancelled);
  assertEquals([error.cause, listeners.size, clock.timers], ["enough", 0, 0]);
});

Deno.test("a timeout of zero or less is up at the clock's next turn", async () => {
  const clock = new FakeClock();
  for (const ms of [0, -1]) {
    const run = handled(Fiber.withTimeout(clock, ms, Fiber.awaitCancel));
    await clock.advance(0);
    assert(await rejectionOf(run) instanceof TimeoutError);
  }
});

Deno.test("an infinite timeout sets no timer", async () => {
  const clock = new FakeClock();
  const end = Promise.withResolvers<string>();
  const run = Timeout.of(clock, Infinity).run(() => end.promise);
  await clock.settle();
  assertEquals(clock.timers, 0);
  end.resolve("in the end");
  assertEquals(await run, "in the end");
});

Deno.test("Timeout.of() refuses NaN", () => {
  assertThrows(
    () => Timeout.of(new FakeClock(), NaN),
    RangeError,
    "Cannot set a timeout: expected a number, got NaN",
  );
});

Deno.test("Timeout.tryRun() says how it ended", async () => {
  const clock = new FakeClock();
  const timeout = Timeout.of(clock, 100);
  assertEquals(await timeout.tryRun(() => 42), { kind: "done", value: 42 });
  assertStrictEquals(await rejectionOf(timeout.tryRun(() => Promise.reject(E))), E);
  const run = timeout.tryRun(Fiber.awaitCancel);
  await clock.advance(100);
  assertEquals((await run).kind, "timeout");
});

Deno.test("Timeout.tryRun() throws a timeout that is not its own", async () => {
  const clock = new FakeClock();
  const run = handled(
    Timeout.of(clock, 100).tryRun(() => Fiber.withTimeout(clock, 50, Fiber.awaitCancel)),
  );
  await clock.advance(50);
  const error = await rejectionOf(run);
  assert(error instanceof TimeoutError);
  assertEquals(error.timeoutMs, 50);
});

Deno.test("Timeout.sleep() waits for so long, and for ever without a limit", async () => {
  const clock = new FakeClock();
  const sleeping = Timeout.of(clock, 100).sleep();
  await clock.advance(99);
  assertEquals(await stateOf(sleeping), "open");
  await clock.advance(1);
  await sleeping;

  const controller = new AbortController();
  const endless = Timeout.none.sleep(controller);
  assertEquals(await stateOf(endless), "open");
  controller.abort("enough");
  assert(await rejectionOf(endless) instanceof Cancelled);
});

Deno.test("a timeout prints as a duration for people", () => {
  const clock = new FakeClock();
  const printed = [0, 0.5, 10, 99, 100, 1500, 60_000, 119_000, 120_000, 150_000, Infinity]
    .map((ms) => `${Timeout.of(clock, ms)}`);
  assertEquals(printed, [
    "0s",
    "0.0005s",
    "10ms",
    "99ms",
    "0.1s",
    "1.5s",
    "60s",
    "119s",
    "2m",
    "2.5m",
    "none",
  ]);
});
