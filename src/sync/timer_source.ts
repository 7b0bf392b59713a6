/** The part of a clock that a timer needs. The `Clock` of an environment is one. */
export interface TimerSource {
  /** Milliseconds since some fixed moment. Never goes backwards. */
  monotonic(): number;

  /** Calls `fn` once, after `ms` milliseconds. */
  setTimer(ms: number, fn: () => void): { cancel(): void };
}
