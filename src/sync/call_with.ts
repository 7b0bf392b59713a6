import { callFiber, type FiberFunction } from "../switch/mod.ts";

/** Calls `fn` with `signal`; without one, with a signal that is never aborted. */
export function callWith<T>(
  fn: FiberFunction<T>,
  signal: AbortSignal | undefined,
): T | Promise<T> {
  return callFiber(fn, signal === undefined ? endless : { signal });
}

/** A lifetime without an end. Each reader gets a signal of its own: nothing gathers on a shared one. */
const endless = {
  get signal(): AbortSignal {
    return new AbortController().signal;
  },
};
