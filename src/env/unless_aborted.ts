import { onAbort, type WaitLabel } from "../switch/mod.ts";

/** Waits for `promise`, under the name `what`; rejects as soon as `signal` is aborted. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  what: WaitLabel,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = onAbort(signal, reject, what);
    promise.then(resolve, reject).then(() => abort.remove());
  });
}
