/** What a {@linkcode RateLimiter} rejects with when as many wait as may: the one who asked is busy. */
export class RateLimitError extends Error {
  /** The name of the class. */
  override readonly name: string = "RateLimitError";
}
