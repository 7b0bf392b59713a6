import { onAbort } from "../switch/mod.ts";

/** What `promise` settles to, or a rejection as soon as `signal` is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = onAbort(signal, reject);
    promise.then(resolve, reject).then(() => abort.remove());
  });
}
