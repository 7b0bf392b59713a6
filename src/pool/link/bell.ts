/**
 * A bell in shared memory: one thread rings it, and another sleeps by it. While nobody sleeps a ring
 * is two operations on memory, and who sleeps is woken once, however often it is rung.
 */
export class Bell {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #rings: number;
  readonly #sleepers: number;

  /** The bell of which two words are kept at `index`. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number) {
    this.#words = words;
    this.#rings = index;
    this.#sleepers = index + 1;
  }

  /** How often it was rung: read it before you look for work, and go to sleep by it. */
  get rings(): number {
    return Atomics.load(this.#words, this.#rings);
  }

  /** Rings. True: somebody was asleep and is woken, which takes some time. */
  ring(): boolean {
    Atomics.add(this.#words, this.#rings, 1);
    if (Atomics.load(this.#words, this.#sleepers) === 0) return false;
    Atomics.store(this.#words, this.#sleepers, 0);
    Atomics.notify(this.#words, this.#rings);
    return true;
  }

  /** Waits until it has been rung more often than `rings` times; `undefined` where it has been. */
  rung(rings: number): Promise<unknown> | undefined {
    // Before the look at the rings: whoever rings after that look sees that somebody sleeps.
    Atomics.store(this.#words, this.#sleepers, 1);
    const wait = Atomics.waitAsync(this.#words, this.#rings, rings);
    return wait.async ? wait.value : undefined;
  }

  /**
   * Blocks the thread until it has been rung more often than `rings` times, or for so long: to wake
   * it from that costs a third. False: it was not rung.
   */
  blockUntilRung(rings: number, ms: number): boolean {
    Atomics.store(this.#words, this.#sleepers, 1);
    return Atomics.wait(this.#words, this.#rings, rings, ms) !== "timed-out";
  }
}
