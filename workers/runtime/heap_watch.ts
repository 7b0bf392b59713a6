/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { getHeapStatistics } from "node:v8";

/** How often the heap is looked at while a job waits, in milliseconds. */
const PERIOD_MS = 50;

/**
 * Notices that the heap's limit was reached where the platform is silent about it: after an
 * `await`. V8 raises the limit a little when it is reached, so that the thread can be ended; seen
 * from inside, the limit grows.
 */
export class HeapWatch {
  readonly #limit = getHeapStatistics().heap_size_limit;
  readonly #exceeded: () => void;

  constructor(exceeded: () => void) {
    this.#exceeded = exceeded;
  }

  /** Watches until the result is disposed. */
  watch(): Disposable {
    const timer = setInterval(() => {
      if (getHeapStatistics().heap_size_limit > this.#limit) this.#exceeded();
    }, PERIOD_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}
