import { yieldTurn } from "./fiber_wait.ts";
import type { WaitOptions } from "./wait_options.ts";

/** The part of a clock that {@linkcode autoYield} reads. */
export interface Stopwatch {
  /** Milliseconds since some fixed moment. Never goes backwards. */
  monotonic(): number;
}

/**
 * Returns a function for long loops to call and await each time round: it yields as
 * {@linkcode yieldTurn} does when `everyMs` milliseconds have gone by since it last did, and returns
 * nothing to wait for otherwise. Lwt's `Lwt_unix.auto_pause`.
 *
 * @example
 * ```ts
 * import { FakeClock, Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const pause = Fiber.autoYield(clock, 5);
 * assertEquals(pause(), undefined);
 * clock.tick(5); // five milliseconds of work
 * await pause();
 * ```
 */
export function autoYield(
  clock: Stopwatch,
  everyMs: number,
  { signal }: WaitOptions = {},
): () => Promise<void> | undefined {
  let last = clock.monotonic();
  return () => {
    if (clock.monotonic() - last < everyMs) return undefined;
    return yieldTurn(signal).then(() => void (last = clock.monotonic()));
  };
}
