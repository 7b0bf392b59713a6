import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FakeClock } from "../../src/env/mod.ts";
import { Cancelled } from "../../src/switch/mod.ts";
import { RateLimiter, RateLimitError } from "../../src/sync/mod.ts";
import { rejectionOf } from "../switch/helpers.ts";

/** A limiter of 10 turns a second, 2 at once, with 3 waiting. */
function limiterOf(clock: FakeClock): RateLimiter {
  return new RateLimiter({ clock, perSecond: 10, burst: 2, maxWaiting: 3 });
}

/** Notes the time at which each of `waits` is over. */
function timesOf(clock: FakeClock, waits: readonly Promise<void>[]): (number | undefined)[] {
  const times: (number | undefined)[] = waits.map(() => undefined);
  for (const [i, wait] of waits.entries()) {
    wait.then(() => times[i] = clock.monotonic(), () => {});
  }
  return times;
}

Deno.test("RateLimiter lets a burst through, and then so many a second", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  const times = timesOf(clock, Array.from({ length: 5 }, () => limiter.wait("a")));
  assertEquals(limiter.waiting, 3);
  await clock.advance(1000);
  assertEquals(times, [0, 0, 100, 200, 300]);
  assertEquals([limiter.waiting, clock.timers], [0, 0]);
});

Deno.test("RateLimiter.tryTake() takes a turn that is there, and none from who waits", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  assertEquals([1, 2, 3].map(() => limiter.tryTake("a")), [true, true, false]);
  const times = timesOf(clock, [limiter.wait("a")]);
  clock.tick(100);
  assertEquals(limiter.tryTake("a"), false);
  await clock.advance(100);
  assertEquals([times, limiter.tryTake("a")], [[100], true]);
});

Deno.test("RateLimiter counts each key for itself", () => {
  const limiter = limiterOf(new FakeClock());
  assertEquals(["a", "a", "a", "b", "b", "b"].map((key) => limiter.tryTake(key)), [
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});

Deno.test("RateLimiter refuses who would wait beyond the limit, over all keys", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  for (const key of ["a", "b"]) while (limiter.tryTake(key));
  const waits = ["a", "a", "b"].map((key) => limiter.wait(key));
  await assertRejects(
    () => limiter.wait("b"),
    RateLimitError,
    "3 wait already, which is the limit",
  );
  await limiter.wait("c");
  await clock.advance(200);
  await Promise.all(waits);
  assertEquals(limiter.waiting, 0);
});

Deno.test("RateLimiter gives the turn of one that is cancelled to the next", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  while (limiter.tryTake("a"));
  const controller = new AbortController();
  const first = limiter.wait("a", { signal: controller.signal });
  const times = timesOf(clock, [limiter.wait("a"), limiter.wait("a")]);
  controller.abort();
  await assertRejects(() => first, Cancelled);
  await clock.advance(1000);
  assertEquals(times, [100, 200]);
});

Deno.test("RateLimiter sets no timer when nobody waits any more", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  while (limiter.tryTake("a"));
  const controller = new AbortController();
  const waits = [1, 2].map(() => limiter.wait("a", { signal: controller.signal }));
  assertEquals(clock.timers, 1);
  controller.abort();
  for (const wait of waits) await rejectionOf(wait);
  assertEquals([clock.timers, limiter.waiting], [0, 0]);
});

Deno.test("RateLimiter.wait() of one whose turn has come is not cancelled any more", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  while (limiter.tryTake("a"));
  const controller = new AbortController();
  const wait = limiter.wait("a", { signal: controller.signal });
  clock.tick(100);
  controller.abort();
  await wait;
});

Deno.test("RateLimiter lets a new waiter in who comes as the last one leaves", async () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  while (limiter.tryTake("a"));
  const controller = new AbortController();
  const left = limiter.wait("a", { signal: controller.signal });
  controller.abort();
  const times = timesOf(clock, [limiter.wait("a")]);
  await rejectionOf(left);
  await clock.advance(100);
  assertEquals(times, [100]);
});

Deno.test("RateLimiter forgets a key whose turns are all back", () => {
  const clock = new FakeClock();
  const limiter = limiterOf(clock);
  for (const key of ["a", "b", "c"]) limiter.tryTake(key);
  assertEquals(limiter.keys, 3);
  clock.tick(50);
  limiter.tryTake("b");
  clock.tick(50);
  limiter.tryTake("d");
  assertEquals(limiter.keys, 2); // b and d
});

Deno.test("RateLimiter takes a timer that rings a moment early as on time", async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({
    clock: { monotonic: () => clock.monotonic(), setTimer: (ms, fn) => clock.setTimer(ms - 1, fn) },
    perSecond: 10,
    burst: 1,
    maxWaiting: 9,
  });
  const times = timesOf(clock, [1, 2, 3].map(() => limiter.wait("a")));
  await clock.advance(500);
  assertEquals(times, [0, 99, 199]);
});

Deno.test("RateLimiter lets nobody overtake who waits, though the timer is late", async () => {
  let now = 0;
  const timers: (() => void)[] = [];
  const clock = {
    monotonic: () => now,
    setTimer: (_ms: number, fn: () => void) => ({ cancel() {}, id: timers.push(fn) }),
  };
  const limiter = new RateLimiter({ clock, perSecond: 10, burst: 1, maxWaiting: 9 });
  limiter.tryTake("a");
  const waits = [limiter.wait("a"), limiter.wait("a")];
  now = 150;
  assertEquals(limiter.tryTake("a"), false);
  for (now of [150, 250]) timers.shift()?.();
  await Promise.all(waits);
});

Deno.test("RateLimiter() refuses what is no limit", () => {
  const clock = new FakeClock();
  const good = { clock, perSecond: 1, burst: 1, maxWaiting: 0 };
  for (const perSecond of [0, -1, NaN, Infinity]) {
    assertThrows(() => new RateLimiter({ ...good, perSecond }), RangeError, `got ${perSecond}`);
  }
  for (const burst of [0, 0.5, NaN]) {
    assertThrows(() => new RateLimiter({ ...good, burst }), RangeError, "burst must be");
  }
  for (const maxWaiting of [-1, 0.5, NaN]) {
    assertThrows(() => new RateLimiter({ ...good, maxWaiting }), RangeError, "maxWaiting must be");
  }
});

Deno.test("RateLimiter never gives more than burst and rate allow, nor keeps anybody longer", async () => {
  const step = fc.record({
    pauseMs: fc.integer({ min: 0, max: 300 }),
    key: fc.constantFrom("a" as const, "b" as const),
    cancels: fc.boolean(),
  });
  const limits = fc.record({
    perSecond: fc.integer({ min: 3, max: 40 }),
    burst: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 30 }), async (limits, steps) => {
      const clock = new FakeClock();
      const limiter = new RateLimiter({ clock, ...limits, maxWaiting: 100 });
      const turns = { a: [] as number[], b: [] as number[] };
      const expected = { a: [] as number[], b: [] as number[] };
      const models = { a: new TokenBucket(limits), b: new TokenBucket(limits) };
      for (const { pauseMs, key, cancels } of steps) {
        await clock.advance(pauseMs);
        const controller = new AbortController();
        const wait = limiter.wait(key, { signal: controller.signal });
        wait.then(() => turns[key].push(rounded(clock.monotonic())), () => {});
        if (cancels) controller.abort();
        const now = clock.monotonic();
        const at = models[key].nextAt(now);
        if (cancels && at > now + 1e-6) continue; // it had to wait, and left
        expected[key].push(rounded(at));
        models[key].take(at);
      }
      await clock.advance(20_000);
      assertEquals(turns, expected);
      assertEquals([limiter.waiting, clock.timers], [0, 0]);
    }),
    { numRuns: 60 },
  );
});

/** To the microsecond: the model adds up in another order. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** When turns come, reckoned one after the other: no sooner than a token is there. */
class TokenBucket {
  #taken: number[] = [];

  constructor(readonly limits: { readonly perSecond: number; readonly burst: number }) {}

  /** When the next turn is for one who comes at `now`. */
  nextAt(now: number): number {
    const interval = 1000 / this.limits.perSecond;
    let tokens = this.limits.burst;
    let at = 0;
    for (const time of this.#taken) {
      tokens = Math.min(this.limits.burst, tokens + (time - at) / interval) - 1;
      at = time;
    }
    return Math.max(now, at + Math.max(0, 1 - tokens) * interval);
  }

  take(at: number): void {
    this.#taken.push(at);
  }
}
