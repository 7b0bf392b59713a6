import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeClock } from "../../src/env/mod.ts";
import { Cancelled, Fiber, type RetryOptions, Switch } from "../../src/switch/mod.ts";
import { rejectionOf } from "./helpers.ts";

const E = new Error("E");

/** Retries a function that always fails, and returns the times of its attempts, and its error. */
async function attemptsOf(options: RetryOptions): Promise<{ times: number[]; error: unknown }> {
  const clock = new FakeClock();
  const times: number[] = [];
  const run = rejectionOf(Fiber.retry(clock, () => {
    times.push(clock.monotonic());
    throw E;
  }, options));
  await clock.advance(100_000);
  return { times, error: await run };
}

Deno.test("Fiber.retry() returns the first value, with attempts counted from 1", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const run = Fiber.retry(clock, (_signal, attempt) => {
    seen.push(attempt);
    if (attempt < 3) throw E;
    return "value";
  });
  await clock.advance(10_000);
  assertEquals(await run, "value");
  assertEquals(seen, [1, 2, 3]);
});

Deno.test("Fiber.retry() throws the last error, after as many attempts as were asked for", async () => {
  const { times, error } = await attemptsOf({ attempts: 3, delayMs: 100, jitter: 0 });
  assertStrictEquals(error, E);
  assertEquals(times, [0, 100, 300]);
});

Deno.test("Fiber.retry() with one attempt makes one", async () => {
  assertEquals((await attemptsOf({ attempts: 1 })).times, [0]);
});

Deno.test("pauses grow by the factor, up to the longest", async () => {
  const options = { attempts: 6, delayMs: 100, factor: 3, maxDelayMs: 1000, jitter: 0 };
  const { times } = await attemptsOf(options);
  assertEquals(times.map((time, i) => time - (times[i - 1] ?? 0)), [0, 100, 300, 900, 1000, 1000]);
});

Deno.test("jitter takes away from a pause, as chance says", async () => {
  const of = (jitter: number, chance: number) =>
    attemptsOf({ attempts: 2, delayMs: 100, jitter, random: () => chance });
  assertEquals((await of(1, 0)).times, [0, 100]);
  assertEquals((await of(1, 0.75)).times, [0, 25]);
  assertEquals((await of(0.5, 0.5)).times, [0, 75]);
});

Deno.test("Fiber.retry() stops at an error that is not retryable", async () => {
  const clock = new FakeClock();
  const fatal = new Error("fatal");
  const asked: [unknown, number][] = [];
  const run = rejectionOf(Fiber.retry(clock, (_signal, attempt) => {
    throw attempt === 4 ? fatal : E;
  }, {
    attempts: 6,
    isRetryable: (error, attempt) => {
      asked.push([error, attempt]);
      return error !== fatal;
    },
  }));
  await clock.advance(100_000);
  assertStrictEquals(await run, fatal);
  assertEquals(asked, [[E, 1], [E, 2], [E, 3], [fatal, 4]]);
});

Deno.test("a cancellation ends the pause of Fiber.retry()", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const run = rejectionOf(Fiber.retry(clock, () => Promise.reject(E), controller));
  await clock.untilTimers();
  controller.abort("enough");
  const error = await run;
  assert(error instanceof Cancelled);
  assertEquals([error.cause, clock.timers], ["enough", 0]);
});

Deno.test("Fiber.retry() tries nothing again that was cancelled", async () => {
  const clock = new FakeClock();
  let attempts = 0;
  const error = await rejectionOf(Switch.run(async (sw) => {
    await Fiber.retry(clock, async (signal) => {
      attempts++;
      sw.fail(E);
      await Fiber.awaitCancel(signal);
    }, { signal: sw.signal });
  }));
  assertStrictEquals(error, E);
  assertEquals([attempts, clock.timers], [1, 0]);
});

Deno.test("an error that comes after the cancellation is thrown, and not tried again", async () => {
  const controller = new AbortController();
  const error = await rejectionOf(Fiber.retry(new FakeClock(), () => {
    controller.abort();
    throw E;
  }, controller));
  assertStrictEquals(error, E);
});

Deno.test("Fiber.retry() refuses options out of range before the first attempt", async () => {
  const wrong: [RetryOptions, string][] = [
    [{ attempts: 0 }, "attempts must be a positive integer, got 0"],
    [{ attempts: 1.5 }, "attempts must be a positive integer, got 1.5"],
    [{ delayMs: -1 }, "delayMs must be 0 or more, got -1"],
    [{ factor: 0.5 }, "factor must be 1 or more, got 0.5"],
    [{ delayMs: 10, maxDelayMs: 9 }, "maxDelayMs must be at least delayMs (10), got 9"],
    [{ jitter: 2 }, "jitter must be from 0 to 1, got 2"],
    [{ jitter: NaN }, "jitter must be from 0 to 1, got NaN"],
  ];
  for (const [options, message] of wrong) {
    let isTried = false;
    const run = () => Fiber.retry(new FakeClock(), () => isTried = true, options);
    await assertRejects(run, RangeError, `Cannot retry: ${message}`);
    assertEquals(isTried, false);
  }
});
