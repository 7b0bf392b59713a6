import { runTest, type RunTestOptions, type TestScope } from "./run_test.ts";
import { ScheduleError } from "./schedule_error.ts";

/** Options for {@linkcode explore}. */
export interface ExploreOptions extends RunTestOptions {
  /**
   * The one schedule to try: that which has failed before. Without it, those of the seeds from 1.
   */
  readonly seed?: number | undefined;

  /**
   * How many schedules to try.
   *
   * @default {100}
   */
  readonly schedules?: number;
}

/**
 * Runs a test as {@linkcode runTest} does, from its start, under many schedules: each lets those
 * who were woken go on in another order. Rejects with a {@linkcode ScheduleError} for the first in
 * which the test fails; its seed, as an option, brings just that one back.
 *
 * Woken are those who wait on something of this library with the signal that they were given, or
 * that of their switch: for permits, items, locks, news, their turn; and all who wait on the parts
 * of the fake machine. What waits for other promises goes on when the platform lets it.
 *
 * @example
 * ```ts
 * import { explore, Fiber, ScheduleError } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const found = explore(async ({ sw }) => {
 *   let balance = 0;
 *   await sw.run((sw) => {
 *     for (const amount of [10, 20]) {
 *       sw.fork(async function deposit(signal) {
 *         await Fiber.yield(signal);
 *         const seen = balance;
 *         await Fiber.yield(signal);
 *         balance = seen + amount; // overwrites what was deposited meanwhile
 *       });
 *     }
 *   });
 *   assertEquals(balance, 30);
 * });
 * await assertRejects(() => found, ScheduleError, "repeat it with { seed: ");
 * ```
 */
export async function explore(
  fn: (scope: TestScope) => unknown,
  { seed, schedules = 100, ...options }: ExploreOptions = {},
): Promise<void> {
  const seeds = seed === undefined ? Array.from({ length: schedules }, (_, i) => i + 1) : [seed];
  for (const [i, seed] of seeds.entries()) {
    try {
      await runTest(fn, { ...options, seed });
    } catch (error) {
      throw new ScheduleError(seed, i + 1, error);
    }
  }
}
