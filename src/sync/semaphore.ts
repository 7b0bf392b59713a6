import type { WaitOptions } from "../switch/mod.ts";
import { labelOf } from "./title.ts";
import { WaitingLine } from "./waiter.ts";

/** Options for a {@linkcode Semaphore}. */
export interface SemaphoreOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;
}

/** The right to go on, until it is given back. */
export interface Permit extends Disposable {
  /** Gives the permit back, to the one who waits longest. A second time this does nothing. */
  release(): void;
}

/**
 * Lets a fixed number of fibers in at a time; the others wait in line.
 *
 * Law 6: a permit that is released goes straight to the one who has waited longest, and belongs to
 * it from then on; a waiter that is cancelled before leaves no trace.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const semaphore = new Semaphore(2);
 * {
 *   using _permit = await semaphore.acquire();
 *   assertEquals(semaphore.available, 1);
 * }
 * assertEquals(semaphore.available, 2);
 * ```
 */
export class Semaphore {
  /** The name that was given, or an empty string. */
  readonly name: string;
  readonly #line: WaitingLine<Permit>;
  #available: number;

  /** Make a semaphore of so many permits. */
  constructor(permits: number, { name = "" }: SemaphoreOptions = {}) {
    if (!Number.isSafeInteger(permits) || permits < 0) {
      throw new RangeError(
        `Cannot make a semaphore: permits must be a whole number and not negative, got ${permits}`,
      );
    }
    this.name = name;
    this.#line = new WaitingLine(labelOf("Semaphore", name));
    this.#available = permits;
  }

  /** How many permits are free. */
  get available(): number {
    return this.#available;
  }

  /** How many wait for a permit. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Takes a permit, and waits for one while none is free. Rejects with {@linkcode Cancelled} when
   * `signal` is aborted during the wait. A free permit is given without a look at the signal.
   */
  acquire({ signal }: WaitOptions = {}): Promise<Permit> {
    const permit = this.tryAcquire();
    return permit === undefined ? this.#line.wait(signal) : Promise.resolve(permit);
  }

  /** Takes a permit if one is free. */
  tryAcquire(): Permit | undefined {
    if (this.#available === 0) return undefined;
    this.#available--;
    return this.#makePermit();
  }

  #makePermit(): Permit {
    return new HeldPermit(() => this.#handOver());
  }

  #handOver(): void {
    if (this.#line.size === 0) this.#available++;
    else this.#line.wakeOne(this.#makePermit());
  }
}

class HeldPermit implements Permit {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
