import type { Cancelled } from "./cancelled.ts";
import { onAbort } from "./on_abort.ts";
import type { WaitLabel } from "./wait_label.ts";
import { wake } from "./wake.ts";

/**
 * Returns what `promise` settles to, or rejects with {@linkcode Cancelled} as soon as `signal` is
 * aborted: for waits that know of no signal. Lwt's `protected`.
 *
 * Only the wait is given up. What the promise stands for goes on, its later failure is nobody's, and
 * its switch does not wait for it: pass the signal on wherever that is possible. A promise that has
 * settled is not lost to an abort that comes later, nor to one that came before the call. `what` is
 * waited for, for those who look: see {@linkcode onAbort}.
 *
 * @example
 * ```ts
 * import { abortable, Cancelled } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const controller = new AbortController();
 * const waiting = abortable(new Promise(() => {}), controller.signal);
 * controller.abort();
 * await assertRejects(() => waiting, Cancelled);
 * assertEquals(await abortable(Promise.resolve(1), controller.signal), 1);
 * ```
 */
export function abortable<T>(
  promise: PromiseLike<T>,
  signal?: AbortSignal,
  what: WaitLabel = "a promise",
): Promise<T> {
  const settling = Promise.resolve(promise);
  if (signal === undefined) return settling;
  return new Promise((resolve, reject) => {
    const wakeBy = <V>(resume: (value: V) => void) => (value: V) => {
      registration.remove();
      wake(signal, resume, value);
    };
    settling.then(wakeBy(resolve), wakeBy(reject));
    // A microtask later: what has settled by now is already on its way.
    const giveUp = (reason: Cancelled) => queueMicrotask(() => reject(reason));
    const registration = onAbort(signal, giveUp, what);
  });
}
