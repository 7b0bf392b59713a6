/**
 * Meeting: the things that fibers wait on for each other. This room knows of lifetimes, and takes
 * no authority.
 *
 * Those who wait are served in the order in which they came. Law 6 holds for each: what has been
 * handed over belongs to who waited for it, and a later cancellation does not take it back; one
 * that is cancelled before leaves no trace, and nothing is lost or handed over twice. An operation
 * that does not have to wait does not look at its signal.
 *
 * @example
 * ```ts
 * import { Channel, select, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const [jobs, news] = [new Channel<number>(10), new Channel<string>(0)];
 * const log: string[] = [];
 * await Switch.run(async (sw) => {
 *   sw.forkDaemon(async (signal) => {
 *     const cases = [jobs.takeCase((job) => `job ${job}`), news.takeCase()];
 *     while (true) log.push(await select(cases, { signal }));
 *   });
 *   await jobs.put(1);
 *   await jobs.put(2);
 *   await news.put("that was all"); // a meeting: it was taken when this returns
 * });
 * assertEquals(log, ["job 1", "job 2", "that was all"]);
 * ```
 *
 * @module
 */

export { Channel, type ChannelOptions } from "./channel.ts";
export { ChannelClosedError } from "./channel_closed_error.ts";
export { Condition, type ConditionOptions, type ConditionWaitOptions } from "./condition.ts";
export { IdleTimer } from "./idle_timer.ts";
export { Lazy, type LazyOptions } from "./lazy.ts";
export { type Guard, Mutex, type MutexOptions, type UseRwOptions } from "./mutex.ts";
export { Poisoned } from "./poisoned.ts";
export { RateLimiter, type RateLimiterOptions } from "./rate_limiter.ts";
export { RateLimitError } from "./rate_limit_error.ts";
export { ResourcePool, type ResourcePoolOptions, type UseOptions } from "./resource_pool.ts";
export {
  type Case,
  type CaseResult,
  type Choice,
  type Finish,
  select,
  type Turn,
} from "./select.ts";
export { type Permit, Semaphore, type SemaphoreOptions } from "./semaphore.ts";
export type { TimerSource } from "./timer_source.ts";
