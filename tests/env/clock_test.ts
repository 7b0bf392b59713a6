import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { type Clock, FakeClock, realEnv } from "../../src/env/mod.ts";

const clocks: [string, () => Clock][] = [
  ["The real clock", () => realEnv().clock],
  ["FakeClock", () => runningFakeClock()],
];

/** A fake clock that moves on to the next timer whenever one is set. */
function runningFakeClock(): Clock {
  const clock = new FakeClock();
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (ms, fn) => {
    const timer = setTimer(ms, fn);
    queueMicrotask(() => ms !== Infinity && clock.tick(clock.nextIn ?? 0));
    return timer;
  };
  return clock;
}

for (const [name, make] of clocks) {
  Deno.test(`${name} sleeps at least as long as asked, and not at all for nothing`, async () => {
    const clock = make();
    const start = clock.monotonic();
    await clock.sleep(5);
    assertGreaterOrEqual(Math.ceil(clock.monotonic() - start), 5);
    for (const ms of [0, -1, NaN]) await clock.sleep(ms);
  });

  Deno.test(`${name} wakes a sleeper that is cancelled with the signal's reason, and forgets it`, async () => {
    const clock = make();
    const controller = new AbortController();
    const reason = new Error("mine");
    const sleeping = clock.sleep(Infinity, { signal: controller.signal });
    controller.abort(reason);
    assertEquals(await assertRejects(() => sleeping), reason);
    assertEquals(await assertRejects(() => clock.sleep(1, controller)), reason);
  });

  Deno.test(`${name} leaves no listener on the signal of a sleep that has ended`, async () => {
    const { signal } = new AbortController();
    const seen: string[] = [];
    signal.addEventListener = () => void seen.push("added");
    signal.removeEventListener = () => void seen.push("removed");
    await make().sleep(1, { signal });
    assertEquals(seen, ["added", "removed"]);
  });

  Deno.test(`${name} does not fire a timer that was cancelled, however often`, async () => {
    const clock = make();
    const timer = clock.setTimer(0, () => assert(false, "fired"));
    timer.cancel();
    timer.cancel();
    await clock.sleep(0);
  });
}

Deno.test("The real clock waits longer than the platform's timers can", () => {
  using time = new FakeTime();
  const { clock } = realEnv();
  let fired = 0;
  const weeks = 2 ** 31 * 2;
  clock.setTimer(weeks, () => fired++);
  clock.setTimer(weeks, () => fired++).cancel();
  const cancelledLate = clock.setTimer(weeks, () => fired++);
  time.tick(2 ** 31 - 1);
  cancelledLate.cancel();
  time.tick(2 ** 31 - 1);
  time.tick(1);
  assertEquals(fired, 0);
  time.tick(1);
  assertEquals(fired, 1);
});

Deno.test("FakeClock fires at their times, equal times in the order of setting", () => {
  const clock = new FakeClock(1000);
  const fired: string[] = [];
  const set = (ms: number, name: string) =>
    clock.setTimer(ms, () => void fired.push(`${name}@${clock.monotonic()}`));
  set(10, "B");
  set(5, "C");
  set(5, "A");
  set(20, "D");
  clock.tick(4);
  assertEquals(fired, []);
  clock.tick(6);
  assertEquals(fired, ["C@5", "A@5", "B@10"]);
  assertEquals([clock.now(), clock.monotonic(), clock.nextIn, clock.timers], [1010, 10, 10, 1]);
});

Deno.test("FakeClock fires a timer that a timer set, if it falls due in the same move", () => {
  const clock = new FakeClock();
  const fired: number[] = [];
  clock.setTimer(1, () => clock.setTimer(1, () => void fired.push(clock.monotonic())));
  clock.tick(5);
  assertEquals(fired, [2]);
});

Deno.test("FakeClock.advance() lets sleepers go on before the next timer", async () => {
  const clock = new FakeClock();
  const woke: number[] = [];
  const sleeping = (async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      woke.push(clock.monotonic());
    }
  })();
  await clock.advance(30);
  assertEquals(woke, [10, 20, 30]);
  await sleeping;
});

Deno.test("FakeClock.untilTimers() waits until so many sleep", async () => {
  const clock = new FakeClock();
  const two = clock.untilTimers(2).then(() => clock.timers);
  const sleepers = [clock.sleep(1), Promise.resolve().then(() => clock.sleep(1))];
  assertEquals(await two, 2);
  clock.tick(1);
  await Promise.all(sleepers);
});

Deno.test("FakeClock.setNow() moves the wall clock and nothing else", () => {
  const clock = new FakeClock(50);
  clock.setTimer(10, () => {});
  clock.tick(5);
  clock.setNow(7);
  assertEquals([clock.now(), clock.monotonic(), clock.nextIn], [7, 5, 5]);
});

Deno.test("FakeClock refuses to go back", () => {
  const clock = new FakeClock();
  for (const ms of [-1, NaN, Infinity]) {
    assertThrows(() => clock.tick(ms), RangeError, "Cannot move");
  }
});

Deno.test("FakeClock fires every timer that is due and not cancelled, in order", () => {
  const timer = fc.record({ ms: fc.integer({ min: -5, max: 50 }), cancel: fc.boolean() });
  fc.assert(fc.property(fc.array(timer), fc.array(fc.nat(20)), (timers, moves) => {
    const clock = new FakeClock();
    const fired: number[] = [];
    const set = timers.map(({ ms }, i) => clock.setTimer(ms, () => void fired.push(i)));
    timers.forEach(({ cancel }, i) => cancel && set[i]!.cancel());
    for (const ms of moves) clock.tick(ms);
    const end = moves.reduce((sum, ms) => sum + ms, 0);
    const expected = timers.map(({ ms, cancel }, i) => ({ at: Math.max(ms, 0), cancel, i }))
      .filter(({ at, cancel }) => !cancel && at <= end && moves.length > 0)
      .sort((a, b) => a.at - b.at || a.i - b.i).map(({ i }) => i);
    assertEquals(fired, expected);
  }));
});
