import { Cancelled } from "./cancelled.ts";
import { type FiberOptions, switchOptions } from "./fiber_options.ts";
import { Switch } from "./switch.ts";
import type { Sleeper } from "./timeout.ts";

/**
 * What is tried. It is given the signal of the fiber's switch, if it declares a parameter, and the
 * number of the attempt, from 1.
 */
export type AttemptFunction<T> = (signal: AbortSignal, attempt: number) => T | Promise<T>;

/** Options for {@linkcode retry}. */
export interface RetryOptions extends FiberOptions {
  /**
   * How many attempts are made in all; at least 1.
   *
   * @default {5}
   */
  readonly attempts?: number;

  /**
   * The pause after the first attempt, in milliseconds.
   *
   * @default {1_000}
   */
  readonly delayMs?: number;

  /**
   * What a pause is multiplied by for the next one; at least 1.
   *
   * @default {2}
   */
  readonly factor?: number;

  /**
   * The longest pause, in milliseconds.
   *
   * @default {60_000}
   */
  readonly maxDelayMs?: number;

  /**
   * How much of each pause is left to chance, from 0 (none) to 1 (all of it): clients that failed
   * together are not to come back together.
   *
   * @default {1}
   */
  readonly jitter?: number;

  /**
   * A number from 0 (included) to 1 (excluded).
   *
   * @default {Math.random}
   */
  readonly random?: () => number;

  /**
   * Whether an attempt that failed with `error` is worth another.
   *
   * @default {() => true}
   */
  readonly isRetryable?: (error: unknown, attempt: number) => boolean;
}

/**
 * Returns what `fn` returned, which is called again while it fails, with pauses on `clock` that
 * grow from one attempt to the next.
 *
 * The last error is thrown as it is: when the attempts are used up, when `isRetryable` says no, and
 * when `signal` was aborted, which also ends a pause with {@linkcode Cancelled}. Throws a
 * `RangeError` for options out of range, before the first attempt. Lwt's `Lwt_retry`.
 *
 * @example
 * ```ts
 * import { FakeClock, Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const answer = Fiber.retry(clock, (_signal, attempt) => {
 *   if (attempt < 3) throw new Error("not yet");
 *   return attempt;
 * }, { delayMs: 100, jitter: 0 });
 * await clock.advance(100 + 200);
 * assertEquals(await answer, 3);
 * ```
 */
export async function retry<T>(
  clock: Sleeper,
  fn: AttemptFunction<T>,
  options: RetryOptions = {},
): Promise<T> {
  const plan = planOf(options);
  return await Switch.run(async (sw) => {
    for (let attempt = 1;; attempt++) {
      try {
        return await callAttempt(fn, sw, attempt);
      } catch (error) {
        if (!isWorthAnother(error, attempt, plan, sw)) throw error;
      }
      await clock.sleep(pauseAfter(attempt, plan), { signal: sw.signal });
    }
  }, switchOptions("retry", options));
}

type Plan = Required<Omit<RetryOptions, keyof FiberOptions>>;

function planOf(options: RetryOptions): Plan {
  const {
    attempts = 5,
    delayMs = 1_000,
    factor = 2,
    maxDelayMs = 60_000,
    jitter = 1,
    random = Math.random,
    isRetryable = () => true,
  } = options;
  check(
    "attempts",
    attempts,
    Number.isSafeInteger(attempts) && attempts >= 1,
    "a positive integer",
  );
  check("delayMs", delayMs, delayMs >= 0, "0 or more");
  check("factor", factor, factor >= 1, "1 or more");
  check("maxDelayMs", maxDelayMs, maxDelayMs >= delayMs, `at least delayMs (${delayMs})`);
  check("jitter", jitter, jitter >= 0 && jitter <= 1, "from 0 to 1");
  return { attempts, delayMs, factor, maxDelayMs, jitter, random, isRetryable };
}

function check(option: string, value: number, isValid: boolean, rule: string): void {
  if (!isValid) throw new RangeError(`Cannot retry: ${option} must be ${rule}, got ${value}`);
}

function isWorthAnother(error: unknown, attempt: number, plan: Plan, sw: Switch): boolean {
  if (sw.error !== undefined || error instanceof Cancelled) return false;
  return attempt < plan.attempts && plan.isRetryable(error, attempt);
}

function pauseAfter(
  attempt: number,
  { delayMs, factor, maxDelayMs, jitter, random }: Plan,
): number {
  const pause = Math.min(delayMs * factor ** (attempt - 1), maxDelayMs);
  return pause * (1 - jitter * random());
}

function callAttempt<T>(fn: AttemptFunction<T>, sw: Switch, attempt: number): T | Promise<T> {
  return fn.length === 0 ? (fn as () => T | Promise<T>)() : fn(sw.signal, attempt);
}
