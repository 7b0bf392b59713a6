import { contextOf } from "./context.ts";
import type { Defer } from "./observer.ts";

/**
 * Resumes one who waits: calls `resume(value)`, at once. Where the tree of `signal` has an observer
 * that puts wake-ups off, it does so. Whoever wakes fibers should do it by this function, after the
 * hand-over: then a test can try what happens between the two.
 *
 * @example
 * ```ts
 * import { wake } from "@switchyard/switchyard";
 *
 * const { signal } = new AbortController();
 * const { promise, resolve } = Promise.withResolvers<string>();
 * wake(signal, resolve, "an item");
 * await promise;
 * ```
 */
export function wake<T>(
  signal: AbortSignal | undefined,
  resume: (value: T) => void,
  value: T,
): void {
  const defer = signal && deferOf(signal);
  if (defer === undefined) resume(value);
  else defer(() => resume(value));
}

/** What puts off the wake-ups in the tree of `signal`. */
export function deferOf(signal: AbortSignal): Defer | undefined {
  return contextOf(signal)?.observation?.observer.defer;
}
