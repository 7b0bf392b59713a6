/**
 * Stands in for `@std/testing/time`, which is in no npm package, over `node:test`'s mock timers.
 *
 * @module
 */

import { mock } from "node:test";

/** Replaces `setTimeout`, `setInterval` and `Date` by ones that move when told, until disposed. */
export class FakeTime implements Disposable {
  /** Start the fake time at `start` (milliseconds since the epoch, or a date), else at 0. */
  constructor(start?: number | Date) {
    const now = start === undefined ? 0 : new Date(start).getTime();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
  }

  /** Move the time forward by `ms` milliseconds, calling what falls due. */
  tick(ms = 0): void {
    mock.timers.tick(ms);
  }

  /** Give the real time back. */
  restore(): void {
    mock.timers.reset();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
