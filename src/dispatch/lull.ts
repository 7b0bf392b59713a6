import { setImmediate } from "node:timers";
import type { WorkerPool } from "../pool/mod.ts";

/** For so long the thread rests, in milliseconds; the operating system adds up to half of it. */
const LULL_MS = 0.1;

/** So much work each core must have, in milliseconds: more than a rest takes. */
const ENOUGH_MS = 0.15;

/**
 * Lets the thread that reads and answers rest for a moment while every core has enough to do. What
 * comes meanwhile is done in one turn of the event loop then: each turn has its price, however little
 * it brings, and takes it from the lanes. No job starts later for that, as it would wait behind others.
 *
 * It waits for nothing: after a tenth of a millisecond it goes on, whatever the lanes do.
 */
export class Lull {
  readonly #pool: Pick<WorkerPool, "hasWorkFor">;
  readonly #block: (ms: number) => void;
  #isDue = false;

  /** `block` has the thread do nothing for so many milliseconds. */
  constructor(pool: Pick<WorkerPool, "hasWorkFor">, block: (ms: number) => void = blockThread) {
    this.#pool = pool;
    this.#block = block;
  }

  /** Lines were taken: rests at the end of this turn, when all that it has brought is done. */
  consider(): void {
    if (this.#isDue || !this.#pool.hasWorkFor(ENOUGH_MS)) return;
    this.#isDue = true;
    setImmediate(this.#rest);
  }

  // A field, so that it is one function for all turns.
  readonly #rest = () => {
    this.#isDue = false;
    if (this.#pool.hasWorkFor(ENOUGH_MS)) this.#block(LULL_MS);
  };
}

/** Nobody knows of this memory, so nobody wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

function blockThread(ms: number): void {
  Atomics.wait(NEVER, 0, 0, ms);
}
