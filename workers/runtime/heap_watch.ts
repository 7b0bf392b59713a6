import { clearInterval, setInterval } from "node:timers";
import { getHeapStatistics } from "node:v8";

/** How often the heap is looked at while jobs run, in milliseconds. */
const PERIOD_MS = 50;

/**
 * Notices that the heap's limit was reached where the platform is silent about it: it ends the code
 * that runs, and the thread lives on, unless that code was started by a macrotask. V8 raises the
 * limit a little when it is reached; seen from inside, it grows.
 */
export class HeapWatch {
  readonly #limit = getHeapStatistics().heap_size_limit;
  readonly #exceeded: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running = 0;
  #wasUsed = false;

  constructor(exceeded: () => void) {
    this.#exceeded = exceeded;
  }

  /** A job begins. */
  begin(): void {
    this.#running++;
    this.#wasUsed = true;
    this.#timer ??= setInterval(() => this.#look(), PERIOD_MS);
  }

  /** A job has ended. The timer goes on for a period: jobs often come one after the other. */
  end(): void {
    this.#running--;
  }

  #look(): void {
    if (getHeapStatistics().heap_size_limit > this.#limit) this.#exceeded();
    if (this.#running === 0 && !this.#wasUsed) this.#stop();
    this.#wasUsed = false;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
