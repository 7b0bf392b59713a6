/** A timer that has been set. */
export interface Timer {
  /** Take the timer back. After it has fired, or a second time, this does nothing. */
  cancel(): void;
}

/**
 * The authority to tell the time and to wait for it.
 *
 * It is one capability, not a wall clock and a monotonic one as Eio has it: all waiting is by the
 * monotonic time, the wall clock only labels, and whoever may have the one may have the other. Who
 * wants to be seen to use a part asks for `Pick<Clock, "now">`.
 */
export interface Clock {
  /** Milliseconds since the epoch. Jumps when the machine's clock is set. */
  now(): number;

  /** Milliseconds since some fixed moment. Never goes backwards. */
  monotonic(): number;

  /**
   * Waits `ms` milliseconds. Zero, a negative number and NaN wait one turn of the event loop;
   * `Infinity` waits until cancelled. Rejects with the signal's reason, which removes the timer.
   */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Calls `fn` once, after `ms` milliseconds. It keeps the process alive until then. */
  setTimer(ms: number, fn: () => void): Timer;
}
