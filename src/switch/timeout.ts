import { abortable } from "./abortable.ts";
import { callFiber, type FiberFunction } from "./fiber_function.ts";
import { type FiberOptions, switchOptions } from "./fiber_options.ts";
import { formatDuration } from "./format_duration.ts";
import { Switch } from "./switch.ts";
import { TimeoutError } from "./timeout_error.ts";
import type { WaitOptions } from "./wait_options.ts";

/** The part of a clock that waits. */
export interface Sleeper {
  /** Waits `ms` milliseconds. Rejects when `signal` is aborted before. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** How {@linkcode Timeout.tryRun} ended. */
export type TimeoutResult<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "timeout"; readonly error: TimeoutError };

/**
 * A limit for how long something may take, on a clock, or none: a value to pass about in the place
 * of a clock and a number. Eio's `Time.Timeout`.
 *
 * @example
 * ```ts
 * import { FakeClock, Fiber, Timeout } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const timeout = Timeout.of(clock, 120_000);
 * assertEquals(`${timeout}`, "2m");
 *
 * const result = timeout.tryRun(Fiber.awaitCancel);
 * await clock.advance(120_000);
 * assertEquals((await result).kind, "timeout");
 * assertEquals(await Timeout.none.run(() => 42), 42);
 * ```
 */
export class Timeout {
  /** No limit. */
  static readonly none: Timeout = new Timeout(undefined, Infinity);

  /** The limit in milliseconds; `Infinity` where there is none. */
  readonly ms: number;
  readonly #clock: Sleeper | undefined;

  private constructor(clock: Sleeper | undefined, ms: number) {
    this.#clock = clock;
    this.ms = ms;
  }

  /**
   * A limit of `ms` milliseconds on `clock`. Zero and less is up at the clock's next turn, `Infinity`
   * never. Throws a `RangeError` for NaN.
   */
  static of(clock: Sleeper, ms: number): Timeout {
    if (Number.isNaN(ms)) {
      throw new RangeError(`Cannot set a timeout: expected a number, got ${ms}`);
    }
    return new Timeout(clock, ms);
  }

  /**
   * Returns what `fn` returned. When the time is up before, `fn` is cancelled, and when it has
   * really ended {@linkcode TimeoutError} is thrown, joined with what else went wrong. Aborting
   * `signal` cancels it as well.
   */
  run<T>(fn: FiberFunction<T>, options: FiberOptions = {}): Promise<T> {
    return this.#run(fn, options, () => new TimeoutError(this.ms));
  }

  /** As {@linkcode Timeout.run}, but that the time is up is returned instead of thrown. */
  async tryRun<T>(fn: FiberFunction<T>, options: FiberOptions = {}): Promise<TimeoutResult<T>> {
    let expired: TimeoutError | undefined;
    try {
      const value = await this.#run(fn, options, () => expired = new TimeoutError(this.ms));
      return { kind: "done", value };
    } catch (error) {
      // By identity: a timeout inside of `fn` is a failure of `fn`.
      if (expired !== undefined && error === expired) return { kind: "timeout", error: expired };
      throw error;
    }
  }

  /** Waits for so long; where there is no limit, until `signal` is aborted. */
  sleep(options: WaitOptions = {}): Promise<void> {
    if (this.#clock !== undefined) return this.#clock.sleep(this.ms, options);
    return abortable(new Promise<never>(() => {}), options.signal);
  }

  /** The limit in a form for people: `10ms`, `0.1s`, `60s`, `2m`; `none` where there is none. */
  toString(): string {
    return this.ms === Infinity ? "none" : formatDuration(this.ms);
  }

  #run<T>(
    fn: FiberFunction<T>,
    options: FiberOptions,
    expire: () => TimeoutError,
  ): Promise<T> {
    const clock = this.#clock;
    return Switch.run((sw) => {
      if (clock !== undefined && this.ms < Infinity) {
        sw.forkDaemon(async (signal) => {
          await clock.sleep(this.ms, { signal });
          sw.fail(expire());
        });
      }
      return callFiber(fn, sw);
    }, switchOptions("timeout", options));
  }
}

/**
 * Returns what `fn` returned. When `ms` milliseconds on `clock` have gone by before, `fn` is
 * cancelled, and when it has really ended {@linkcode TimeoutError} is thrown. Otherwise as
 * {@linkcode Timeout.run}. Eio's `Time.with_timeout_exn`.
 *
 * `AbortSignal.timeout` only asks: with it, what was to stop may still run when the caller goes on.
 *
 * @example
 * ```ts
 * import { FakeClock, Fiber, TimeoutError } from "@switchyard/switchyard";
 * import { assertRejects } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const waiting = Fiber.withTimeout(clock, 100, (signal) => clock.sleep(1000, { signal }));
 * waiting.catch(() => {}); // it is rejected while the clock moves
 * await clock.advance(100);
 * await assertRejects(() => waiting, TimeoutError, "Cannot finish within 0.1s: the time is up");
 * ```
 */
export async function withTimeout<T>(
  clock: Sleeper,
  ms: number,
  fn: FiberFunction<T>,
  options: FiberOptions = {},
): Promise<T> {
  return await Timeout.of(clock, ms).run(fn, switchOptions("withTimeout", options));
}
