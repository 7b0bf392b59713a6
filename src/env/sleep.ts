import { onAbort } from "../switch/mod.ts";
import type { Clock } from "./clock.ts";

/**
 * Waits `ms` milliseconds on a clock's timers. An abort takes the timer back, and the end of the
 * wait takes the listener back: neither is left behind.
 */
export function sleepOn(
  setTimer: Clock["setTimer"],
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal === undefined) return new Promise((resolve) => void setTimer(ms, resolve));
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimer(ms, () => {
    abort.remove();
    resolve();
  });
  const abort = onAbort(signal, () => {
    timer.cancel();
    reject(signal.reason);
  }, { toString: () => `sleep ${ms} ms` });
  return promise;
}
