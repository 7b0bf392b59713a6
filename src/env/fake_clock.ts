import type { Defer } from "../switch/mod.ts";
import type { Clock, Timer } from "./clock.ts";
import { sleepOn } from "./sleep.ts";

/** Options for a {@linkcode FakeClock}. */
export interface FakeClockOptions {
  /**
   * Is given each timer that falls due, and decides when it fires, so that a test can try other
   * orders. One that is cancelled meanwhile does not fire. Without it they fire at once.
   */
  readonly defer?: Defer | undefined;
}

/** A timer that is set. */
class Pending implements Timer {
  readonly at: number;
  readonly #fn: () => void;
  readonly #onCancel: (timer: Pending) => void;
  #isOver = false;

  constructor(at: number, fn: () => void, onCancel: (timer: Pending) => void) {
    this.at = at;
    this.#fn = fn;
    this.#onCancel = onCancel;
  }

  fire(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fn();
  }

  cancel(): void {
    this.#isOver = true;
    this.#onCancel(this);
  }
}

/**
 * A clock for tests that stands still until it is moved. Timers that fall due fire in the order of
 * their times, and equal times in the order in which they were set.
 *
 * ```ts
 * import { FakeClock } from "@switchyard/switchyard";
 *
 * const clock = new FakeClock();
 * let rang = false;
 * clock.setTimer(1000, () => rang = true);
 * clock.tick(999); // rang is still false
 * clock.tick(1); // now it is true
 * ```
 */
export class FakeClock implements Clock {
  readonly #pending: Pending[] = []; // by time, then by order of setting
  readonly #wakers: (() => void)[] = [];
  readonly #defer: Defer;
  #monotonic = 0;
  #epoch: number;

  /** Make a clock whose `now()` starts at `start`, in milliseconds since the epoch. */
  constructor(start: number = 0, { defer = (fire) => fire() }: FakeClockOptions = {}) {
    this.#epoch = start;
    this.#defer = defer;
  }

  now(): number {
    return this.#epoch + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
    return sleepOn((ms, fn) => this.setTimer(ms, fn), ms, options?.signal);
  }

  setTimer(ms: number, fn: () => void): Timer {
    const at = this.#monotonic + (ms > 0 ? ms : 0);
    const pending = new Pending(at, fn, (timer) => this.#remove(timer));
    this.#insert(pending);
    for (const wake of this.#wakers.splice(0)) wake();
    return pending;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#pending.length;
  }

  /** Milliseconds until the next timer falls due, `undefined` where none is set. */
  get nextIn(): number | undefined {
    const [next] = this.#pending;
    return next && next.at - this.#monotonic;
  }

  /**
   * Moves the clock by `ms` and calls what falls due, at its time, before returning. What the calls
   * set going by promises has not run yet then: see {@linkcode FakeClock.advance}.
   */
  tick(ms: number = 0): void {
    const end = this.#end(ms);
    while (this.#fireOne(end));
    this.#monotonic = end;
  }

  /** Moves the clock by `ms`, and lets everything that each timer set going run before the next. */
  async advance(ms: number = 0): Promise<void> {
    const end = this.#end(ms);
    await this.settle();
    while (this.#fireOne(end)) await this.settle();
    this.#monotonic = end;
  }

  /**
   * Moves the clock to the next timer, and lets everything run that those of that time set going.
   * Throws a `TypeError` where none is set, or none that ever falls due. Eio's `Mock.Clock.advance`.
   */
  async advanceToNext(): Promise<void> {
    await this.settle();
    const ms = this.nextIn;
    if (ms === undefined || ms === Infinity) {
      throw new TypeError("Cannot move the clock to the next timer: none is set");
    }
    this.tick(ms);
    await this.settle();
  }

  /** Lets everything run that can run while the clock stands still, for one turn of the event loop. */
  settle(): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, 0));
  }

  /** Resolves when at least `count` timers are set. */
  async untilTimers(count: number = 1): Promise<void> {
    while (this.timers < count) await new Promise<void>((wake) => this.#wakers.push(wake));
  }

  /** Sets the wall clock to `now`; the monotonic time and the timers do not notice. */
  setNow(now: number): void {
    this.#epoch = now - this.#monotonic;
  }

  #end(ms: number): number {
    if (ms >= 0 && ms < Infinity) return this.#monotonic + ms;
    throw new RangeError(`Cannot move the clock: expected milliseconds >= 0, got ${ms}`);
  }

  #fireOne(end: number): boolean {
    const [next] = this.#pending;
    if (next === undefined || next.at > end) return false;
    this.#pending.shift();
    this.#monotonic = next.at;
    this.#defer(() => next.fire());
    return true;
  }

  #insert(pending: Pending): void {
    const index = this.#pending.findIndex((other) => other.at > pending.at);
    this.#pending.splice(index < 0 ? this.#pending.length : index, 0, pending);
  }

  #remove(pending: Pending): void {
    const index = this.#pending.indexOf(pending);
    if (index >= 0) this.#pending.splice(index, 1);
  }
}
