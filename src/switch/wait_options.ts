/** Options for an operation that may have to wait. */
export interface WaitOptions {
  /** Gives the wait up: it rejects with {@linkcode Cancelled}. Looked at only by one that waits. */
  readonly signal?: AbortSignal;
}
