import type { Cancelled } from "./cancelled.ts";
import { Link, List, type Registration } from "./list.ts";
import { onAbort } from "./on_abort.ts";

/** Options for a {@linkcode Semaphore}. */
export interface SemaphoreOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;
}

/** Options for {@linkcode Semaphore.acquire}. */
export interface AcquireOptions {
  /** Gives the wait up. */
  readonly signal?: AbortSignal;
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
  readonly #waiters = new List<Waiter>();
  #available: number;

  /** Make a semaphore of so many permits. */
  constructor(permits: number, { name = "" }: SemaphoreOptions = {}) {
    if (!Number.isSafeInteger(permits) || permits < 0) {
      throw new RangeError(
        `Cannot make a semaphore: permits must be a whole number and not negative, got ${permits}`,
      );
    }
    this.name = name;
    this.#available = permits;
  }

  /** How many permits are free. */
  get available(): number {
    return this.#available;
  }

  /** How many wait for a permit. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes a permit, and waits for one while none is free. Rejects with {@linkcode Cancelled} when
   * `signal` is aborted during the wait. A free permit is given without a look at the signal.
   */
  acquire({ signal }: AcquireOptions = {}): Promise<Permit> {
    const permit = this.tryAcquire();
    if (permit !== undefined) return Promise.resolve(permit);
    return new Promise((resolve, reject) => {
      const waiter = this.#waiters.push(new Waiter(resolve, reject));
      if (signal !== undefined) waiter.giveUpOn(signal);
    });
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
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#available++;
    else waiter.admit(this.#makePermit());
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

/** One who waits in line. It is admitted or it gives up; being in the line is the one bit. */
class Waiter extends Link {
  readonly #resolve: (permit: Permit) => void;
  readonly #reject: (reason: Cancelled) => void;
  #onAbort: Registration | undefined = undefined;

  constructor(resolve: (permit: Permit) => void, reject: (reason: Cancelled) => void) {
    super();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  giveUpOn(signal: AbortSignal): void {
    this.#onAbort = onAbort(signal, (reason) => {
      this.remove();
      this.#reject(reason);
    });
  }

  admit(permit: Permit): void {
    this.#onAbort?.remove();
    this.#resolve(permit);
  }
}
