import { describeError, isAbortError } from "./cancelled.ts";

/**
 * An error with a line about what was being done when it came: made by {@linkcode addContext}, and
 * known by its `cause`, which is the error itself.
 *
 * A new object, and not a line written into the error: one error may be met by many, such as those
 * who wait for one value, and must not carry the lines of one of them to the others.
 */
export class ContextError extends Error {
  /** The name of the class. */
  override readonly name: string = "ContextError";
  /** What was being done, such as `handling connection from 127.0.0.1:1234`. */
  readonly context: string;

  /** Make the error `cause` with a line of context. */
  constructor(context: string, cause: unknown) {
    super(`${context}: ${describeError(cause)}`, { cause });
    this.context = context;
  }
}

/**
 * Returns what `fn` returned, and adds a line of context to what it throws. Otherwise as
 * {@linkcode addContext}, which says what becomes of the error.
 *
 * @example
 * ```ts
 * import { withContext } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const readPort = () => Promise.reject(new TypeError("expected a number"));
 * const error = await withContext(
 *   () => withContext(readPort, "reading the port"),
 *   "handling connection from 127.0.0.1:1234",
 * ).catch((error) => error);
 * assertEquals(
 *   error.message,
 *   "handling connection from 127.0.0.1:1234: reading the port: expected a number",
 * );
 * ```
 */
export async function withContext<T>(fn: () => T | Promise<T>, context: string): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    throw addContext(error, context);
  }
}

/**
 * Returns `error` with a line about what was being done, to be thrown on. Its message is the lines,
 * the last one added first, and then the error's own; as its causes it shows the same. Eio's
 * `Exn.add_context`.
 *
 * A switch still knows an error by the error itself: two that differ in their context alone are
 * reported as one. {@linkcode Cancelled}, and the platform's `AbortError`, pass as they are. To ask
 * what kind of error it is use {@linkcode findCause}.
 *
 * @example
 * ```ts
 * import { addContext, Cancelled } from "@switchyard/switchyard";
 * import { assert, assertStrictEquals } from "@std/assert";
 *
 * const error = addContext(new RangeError("0 is too low"), "opening the pool");
 * assert(error instanceof Error);
 * assertStrictEquals(error.message, "opening the pool: 0 is too low");
 *
 * const cancelled = new Cancelled();
 * assertStrictEquals(addContext(cancelled, "opening the pool"), cancelled);
 * ```
 */
export function addContext(error: unknown, context: string): unknown {
  return isAbortError(error) ? error : new ContextError(context, error);
}

/**
 * Returns the first of `error` and its causes that is of the class `type`, if one is. Go's
 * `errors.As`.
 *
 * @example
 * ```ts
 * import { addContext, findCause } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const error = addContext(new RangeError("0 is too low"), "opening the pool");
 * assertEquals(findCause(error, RangeError)?.message, "0 is too low");
 * assertEquals(findCause(error, TypeError), undefined);
 * ```
 */
export function findCause<E>(
  error: unknown,
  type: abstract new (...args: never[]) => E,
): E | undefined {
  const seen = new Set<unknown>(); // causes can run in a circle
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    if (each instanceof type) return each;
    seen.add(each);
  }
  return undefined;
}

/** The error itself, without its context. */
export function withoutContext(error: unknown): unknown {
  let each = error;
  while (each instanceof ContextError) each = each.cause;
  return each;
}
