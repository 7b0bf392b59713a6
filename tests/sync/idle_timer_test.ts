import { assertEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../../src/env/mod.ts";
import { IdleTimer } from "../../src/sync/mod.ts";

/** A timer of 1000 ms that notes when it ends. */
function timerOn(clock: FakeClock): { timer: IdleTimer; ends: number[] } {
  const ends: number[] = [];
  return { timer: new IdleTimer(clock, 1000, () => void ends.push(clock.monotonic())), ends };
}

Deno.test("IdleTimer ends once, after a period without a touch", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  clock.tick(5000);
  timer.start();
  clock.tick(5000);
  assertEquals([ends, timer.isRunning, clock.timers], [[6000], false, 0]);
});

Deno.test("IdleTimer.touch() starts the period afresh, and sets no timer for it", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  timer.start();
  for (let i = 0; i < 30; i++) {
    clock.tick(100);
    timer.touch();
    assertEquals(clock.timers, 1);
  }
  clock.tick(999);
  assertEquals(ends, []);
  clock.tick(1);
  assertEquals(ends, [4000]);
});

Deno.test("IdleTimer.touch() does not start one that is not running", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  timer.touch();
  clock.tick(5000);
  assertEquals([ends, timer.isRunning, clock.timers], [[], false, 0]);
});

Deno.test("IdleTimer.stop() ends it without a call, and it can be started again", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  timer.start();
  timer.stop();
  assertEquals([timer.isRunning, clock.timers], [false, 0]);
  timer.start();
  {
    using _stopped = timer;
  }
  timer.stop();
  clock.tick(5000);
  assertEquals(ends, []);
  timer.start();
  clock.tick(1000);
  assertEquals(ends, [6000]);
});

Deno.test("IdleTimer.start() of a running one starts the period afresh", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  timer.start();
  clock.tick(900);
  timer.start();
  clock.tick(1000);
  assertEquals([ends, clock.timers], [[1900], 0]);
});

Deno.test("IdleTimer.change() sets another period, from now where it runs", () => {
  const clock = new FakeClock();
  const { timer, ends } = timerOn(clock);
  timer.change(50);
  assertEquals([timer.ms, timer.isRunning], [50, false]);
  timer.start();
  clock.tick(40);
  timer.change(30);
  clock.tick(100);
  assertEquals(ends, [70]);
});

Deno.test("IdleTimer may be started again by what it calls", () => {
  const clock = new FakeClock();
  const ends: number[] = [];
  const timer = new IdleTimer(clock, 0.1, () => {
    if (ends.push(clock.monotonic()) < 3) timer.start();
  });
  timer.start();
  clock.tick(10);
  assertEquals([ends.length, timer.isRunning], [3, false]);
});

Deno.test("IdleTimer() refuses what is no period", () => {
  const clock = new FakeClock();
  for (const ms of [0, -1, NaN]) {
    assertThrows(() => new IdleTimer(clock, ms, () => {}), RangeError, `got ${ms}`);
    assertThrows(() => new IdleTimer(clock, 1, () => {}).change(ms), RangeError, `got ${ms}`);
  }
});
