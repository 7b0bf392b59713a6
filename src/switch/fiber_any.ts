import { Cancelled } from "./cancelled.ts";
import { type FiberFunction, wrapFiber } from "./fiber_function.ts";
import { type FiberOptions, switchOptions } from "./fiber_options.ts";
import { awaitCancel } from "./fiber_wait.ts";
import { Switch } from "./switch.ts";
import type { SwitchOptions } from "./switch_options.ts";

/** Options for {@linkcode first} and {@linkcode any}. */
export interface RaceOptions<T> extends FiberOptions {
  /**
   * Makes one result of two, the earlier one first, when another function succeeds before its
   * cancellation reaches it.
   *
   * @default {the earlier one}
   */
  readonly combine?: (earlier: T, later: T) => T;
}

/**
 * Returns what the first of `fns` to succeed returned, when the others have ended: they are
 * cancelled, and waited for. Eio's `Fiber.any`.
 *
 * All of them are started, in order. When one fails instead, before or after another's success, the
 * others are cancelled as well and the failure is thrown, joined with what else went wrong; that a
 * loser gives up is no failure. A success counts even if `signal` was aborted meanwhile: the
 * caller's next wait notices that. Without any function it waits until it is cancelled.
 *
 * A loser can finish before its cancellation reaches it; what it returned is dropped then, unless
 * `combine` keeps it. To take from one of several channels use {@linkcode select}, which takes from
 * one alone.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = await Fiber.any([
 *   (signal) => Fiber.awaitCancel(signal),
 *   async () => {
 *     await Fiber.yield();
 *     return "second";
 *   },
 * ]);
 * assertEquals(answer, "second");
 * ```
 */
export function any<T>(
  fns: readonly FiberFunction<T>[],
  options: RaceOptions<T> = {},
): Promise<T> {
  return combined(race(fns, switchOptions("any", options)), options);
}

/**
 * Returns what the first of `a` and `b` to succeed returned, when the other has ended. Otherwise as
 * {@linkcode any}. Eio's `Fiber.first`.
 *
 * It does what `Promise.race` is often used for, but no loser is left running.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const answer = await Fiber.first(
 *   (signal) => Fiber.awaitCancel(signal).finally(() => log.push("the loser has ended")),
 *   () => 42,
 * );
 * assertEquals(answer, 42);
 * assertEquals(log, ["the loser has ended"]);
 * ```
 */
export function first<A, B>(
  a: FiberFunction<A>,
  b: FiberFunction<B>,
  options: RaceOptions<A | B> = {},
): Promise<A | B> {
  return combined(race<A | B>([a, b], switchOptions("first", options)), options);
}

/**
 * Returns all that was returned by those of `fns` that succeeded, in the order in which they did:
 * the first one, and any that finished before their cancellation reached them. Otherwise as
 * {@linkcode any}. Eio's `Fiber.n_any`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const results = await Fiber.nAny([() => "a", Fiber.awaitCancel, () => "c"]);
 * assertEquals(results, ["a", "c"]);
 * ```
 */
export function nAny<T>(
  fns: readonly FiberFunction<T>[],
  options: FiberOptions = {},
): Promise<T[]> {
  return race(fns, switchOptions("nAny", options));
}

async function combined<T>(winners: Promise<T[]>, options: RaceOptions<T>): Promise<T> {
  const { combine = (earlier) => earlier } = options;
  return (await winners).reduce((earlier, later) => combine(earlier, later));
}

/** What the winners returned, in the order in which they finished; there is one at least. */
async function race<T>(fns: readonly FiberFunction<T>[], options: SwitchOptions): Promise<T[]> {
  const results: T[] = [];
  let isLost = false;
  const enter = async (sw: Switch, call: () => T | Promise<T>) => {
    try {
      results.push(await call());
    } catch (error) {
      isLost ||= sw.error === undefined; // it fails by itself, even if with a `Cancelled`
      throw error;
    }
    if (results.length === 1 && !isLost) sw.fail(new Cancelled("another fiber was first"));
  };
  try {
    await Switch.run(async (sw) => {
      for (const fn of fns) sw.fork(wrapFiber(fn, (call) => enter(sw, call)));
      if (fns.length === 0) await awaitCancel(sw.signal);
    }, options);
  } catch (error) {
    if (isLost || results.length === 0 || !(error instanceof Cancelled)) throw error;
  }
  return results;
}
