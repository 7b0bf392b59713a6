import { Fiber, type FiberFunction, type WaitOptions } from "../switch/mod.ts";
import { callWith } from "./call_with.ts";
import { Poisoned } from "./poisoned.ts";
import { labelOf, titleOf } from "./title.ts";
import { WaitingLine } from "./waiter.ts";

/** Options for a {@linkcode Mutex}. */
export interface MutexOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;
}

/** Options for {@linkcode Mutex.useRw}. */
export interface UseRwOptions extends WaitOptions {
  /**
   * Keeps cancellation out of the section, so that it is not left half done. The wait for the lock
   * can be cancelled all the same.
   *
   * @default {false}
   */
  readonly protect?: boolean;
}

/** The lock of a mutex in somebody's hands. Disposing of it unlocks, if it is held. */
export interface Guard extends Disposable {
  /** Whether it holds the lock. */
  readonly isHeld: boolean;

  /** Hands the lock to the one who waits longest. Throws a `TypeError` when it is not held. */
  unlock(): void;

  /**
   * Takes the lock again, as {@linkcode Mutex.lock} does. Rejects with a `TypeError` when it is
   * held already.
   */
  lock(options?: WaitOptions): Promise<void>;
}

/**
 * Lets one fiber at a time into a section of code; the others wait in line.
 *
 * Code between two `await`s needs no mutex, as nothing else runs then. It serves state that must
 * not be seen, or not be written by two, while somebody waits in the middle of a change.
 *
 * A writer that fails may leave that state half changed. So an error inside {@linkcode Mutex.useRw}
 * poisons the mutex: nobody gets in any more, and everybody is told why. Eio's `Mutex`.
 *
 * @example
 * ```ts
 * import { Fiber, Mutex } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const mutex = new Mutex();
 * let balance = 100;
 * async function withdraw(amount: number): Promise<void> {
 *   using _guard = await mutex.lock();
 *   const seen = balance;
 *   await Fiber.yield(); // nobody else is in here meanwhile
 *   balance = seen - amount;
 * }
 * await Promise.all([withdraw(10), withdraw(20)]);
 * assertEquals(balance, 70);
 * ```
 */
export class Mutex {
  /** The name that was given, or an empty string. */
  readonly name: string;
  readonly #line: WaitingLine<Guard>;
  #isLocked = false;
  #poison: Poisoned | undefined = undefined;

  /** Make a mutex that is not locked. */
  constructor({ name = "" }: MutexOptions = {}) {
    this.name = name;
    this.#line = new WaitingLine(labelOf("Mutex", name));
  }

  /** Whether somebody holds the lock. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** Why nobody gets in any more, if a writer has failed. */
  get poison(): Poisoned | undefined {
    return this.#poison;
  }

  /** How many wait for the lock. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Takes the lock, and waits for it while somebody else holds it. Rejects with
   * {@linkcode Cancelled} when `signal` is aborted during the wait, and with {@linkcode Poisoned}
   * when a writer has failed or fails meanwhile. A free lock is given without a look at the signal.
   */
  lock({ signal }: WaitOptions = {}): Promise<Guard> {
    if (this.#poison !== undefined) return Promise.reject(this.#poison);
    if (this.#isLocked) return this.#line.wait(signal);
    return Promise.resolve(this.#admit());
  }

  /** Takes the lock if it is free. Throws {@linkcode Poisoned} when a writer has failed. */
  tryLock(): Guard | undefined {
    if (this.#poison !== undefined) throw this.#poison;
    return this.#isLocked ? undefined : this.#admit();
  }

  /**
   * Runs `fn` with the lock and returns what it returned. What it throws, a cancellation too,
   * poisons the mutex: with `protect` no cancellation reaches it. Otherwise it is given `signal`,
   * if it declares a parameter. Waits for the lock, and rejects, as {@linkcode Mutex.lock} does.
   *
   * @example
   * ```ts
   * import { Mutex, Poisoned } from "@switchyard/switchyard";
   * import { assertRejects } from "@std/assert";
   *
   * const mutex = new Mutex({ name: "accounts" });
   * const failing = mutex.useRw(() => {
   *   throw new Error("the disk is full");
   * });
   * await assertRejects(() => failing, Error, "the disk is full");
   * await assertRejects(() => mutex.lock(), Poisoned, "the disk is full");
   * ```
   */
  async useRw<T>(fn: FiberFunction<T>, options: UseRwOptions = {}): Promise<T> {
    const { signal, protect = false } = options;
    using _guard = await this.lock(options);
    try {
      return await (protect ? Fiber.protect(fn) : callWith(fn, signal));
    } catch (error) {
      this.#spoil(error);
      throw error;
    }
  }

  /**
   * Runs `fn` with the lock and returns what it returned. It only reads: what it throws leaves the
   * mutex as it was. Otherwise as {@linkcode Mutex.useRw}.
   */
  async useRo<T>(fn: FiberFunction<T>, options: WaitOptions = {}): Promise<T> {
    using _guard = await this.lock(options);
    return await callWith(fn, options.signal);
  }

  #admit(): Guard {
    this.#isLocked = true;
    return new HeldGuard(this, this.#handOver);
  }

  readonly #handOver = (): void => {
    if (this.#line.size === 0) this.#isLocked = false;
    else this.#line.wakeOne(new HeldGuard(this, this.#handOver));
  };

  #spoil(cause: unknown): void {
    this.#poison ??= new Poisoned(titleOf("mutex", this.name), cause);
    this.#line.failAll(this.#poison);
  }
}

class HeldGuard implements Guard {
  readonly #mutex: Mutex;
  readonly #handOver: () => void;
  #isHeld = true;

  constructor(mutex: Mutex, handOver: () => void) {
    this.#mutex = mutex;
    this.#handOver = handOver;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  unlock(): void {
    // Nobody else's section is at stake, as it would be without guards: so this does not poison.
    if (!this.#isHeld) throw new TypeError(`Cannot unlock the ${this.#title}: it is not held here`);
    this.#isHeld = false;
    this.#handOver();
  }

  async lock(options?: WaitOptions): Promise<void> {
    if (this.#isHeld) {
      throw new TypeError(`Cannot lock the ${this.#title}: it is held here already`);
    }
    await this.#mutex.lock(options); // this guard stands for that one: nobody else has it
    this.#isHeld = true;
  }

  [Symbol.dispose](): void {
    if (this.#isHeld) this.unlock();
  }

  get #title(): string {
    return titleOf("mutex", this.#mutex.name);
  }
}
