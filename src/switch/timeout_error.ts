import { formatDuration } from "./format_duration.ts";

/**
 * What {@linkcode Timeout.run} and `Fiber.withTimeout` throw when the time is up. Its `name` is the
 * platform's word for that.
 *
 * @example
 * ```ts
 * import { TimeoutError } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new TimeoutError(100);
 * assertEquals(error.message, "Cannot finish within 0.1s: the time is up");
 * ```
 */
export class TimeoutError extends Error {
  /** As `AbortSignal.timeout` names it. */
  override readonly name: string = "TimeoutError";
  /** The limit in milliseconds. */
  readonly timeoutMs: number;

  /** Make the error for a limit of so many milliseconds. */
  constructor(timeoutMs: number) {
    super(`Cannot finish within ${formatDuration(timeoutMs)}: the time is up`);
    this.timeoutMs = timeoutMs;
  }
}
