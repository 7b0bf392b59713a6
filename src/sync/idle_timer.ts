import type { TimerSource } from "./timer_source.ts";

/**
 * Calls a function when nothing has happened for some time: say with {@linkcode IdleTimer.touch}
 * that something has. This costs next to nothing, as it only notes the time; the timer behind it
 * is set once in a period.
 *
 * Lwt's `Lwt_timeout`, exact to what the clock is.
 *
 * @example
 * ```ts
 * import { FakeClock, IdleTimer } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * let isIdle = false;
 * const timer = new IdleTimer(clock, 1000, () => isIdle = true);
 * timer.start();
 * clock.tick(900);
 * timer.touch();
 * clock.tick(900);
 * assertEquals(isIdle, false);
 * clock.tick(100);
 * assertEquals(isIdle, true);
 * ```
 */
export class IdleTimer implements Disposable {
  readonly #clock: TimerSource;
  readonly #onIdle: () => void;
  #ms: number;
  #touched = 0;
  #timer: { cancel(): void } | undefined = undefined;

  /**
   * Make a timer that has not been started. `onIdle` is called once for each start, from a timer of
   * `clock`, so that nobody is there to catch what it throws. Throws a `RangeError` when `ms` is no
   * number above 0.
   */
  constructor(clock: TimerSource, ms: number, onIdle: () => void) {
    this.#clock = clock;
    this.#ms = checkedPeriod(ms);
    this.#onIdle = onIdle;
  }

  /** Whether it runs: it was started, and neither stopped nor did it end. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Milliseconds without a touch after which it ends. */
  get ms(): number {
    return this.#ms;
  }

  /** Starts the period, afresh where it runs. */
  start(): void {
    this.stop();
    this.#touched = this.#clock.monotonic();
    this.#arm(this.#ms);
  }

  /** Starts the period afresh where it runs, and does nothing where it does not. */
  touch(): void {
    if (this.#timer !== undefined) this.#touched = this.#clock.monotonic();
  }

  /** Changes the period, and starts it afresh where it runs. */
  change(ms: number): void {
    this.#ms = checkedPeriod(ms);
    if (this.isRunning) this.start();
  }

  /** Ends it without a call. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    this.stop();
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimer(ms, () => {
      const remaining = this.#touched + this.#ms - this.#clock.monotonic();
      if (remaining > 0) return this.#arm(remaining);
      this.#timer = undefined;
      this.#onIdle();
    });
  }
}

function checkedPeriod(ms: number): number {
  if (ms > 0) return ms;
  throw new RangeError(`Cannot set an idle timer: expected milliseconds above 0, got ${ms}`);
}
