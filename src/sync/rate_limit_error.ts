/**
 * What a {@linkcode RateLimiter} rejects with when as many wait as may. Tell the client that the
 * server is busy; asking again at once will not help.
 *
 * @example
 * ```ts
 * import { FakeClock, RateLimiter, RateLimitError } from "@switchyard/switchyard";
 * import { assertRejects } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const limiter = new RateLimiter({ clock, perSecond: 10, burst: 1, maxWaiting: 0 });
 * await limiter.wait("127.0.0.1");
 * await assertRejects(
 *   () => limiter.wait("127.0.0.1"),
 *   RateLimitError,
 *   "Cannot wait for a turn: 0 wait already, which is the limit",
 * );
 * ```
 */
export class RateLimitError extends Error {
  /** The name of the class. */
  override readonly name: string = "RateLimitError";
}
