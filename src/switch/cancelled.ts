/**
 * What a waiting operation rejects with when its switch is cancelled. `cause` says why.
 *
 * It passes through the code that it meets: release what you hold and let it go on. Its `name` is
 * `"AbortError"`, so that code which knows only the platform's convention recognises it.
 */
export class Cancelled extends Error {
  /** The platform's word for an operation that was called off. */
  override readonly name: string = "AbortError";

  /** Make a cancellation for the reason `cause`. */
  constructor(cause?: unknown) {
    super(cause === undefined ? "Cancelled" : `Cancelled: ${describeError(cause)}`, { cause });
  }

  /** The cancellation for the reason `cause`: itself, where it already is a cancellation. */
  static from(cause: unknown): Cancelled {
    return cause instanceof Cancelled ? cause : new Cancelled(cause);
  }
}

/** Whether `error` says "aborted" in the platform's convention, by whomever it was made. */
export function isAbortError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error &&
    error.name === "AbortError";
}

/** A line about anything that can be thrown. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error);
  } catch {
    return "an error that cannot be shown"; // `String` runs the object's own code
  }
}
