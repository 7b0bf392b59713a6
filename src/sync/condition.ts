import type { WaitOptions } from "../switch/mod.ts";
import type { Guard } from "./mutex.ts";
import { labelOf } from "./title.ts";
import { WaitingLine } from "./waiter.ts";

/** Options for a {@linkcode Condition}. */
export interface ConditionOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;
}

/** Options for {@linkcode Condition.wait}. */
export interface ConditionWaitOptions extends WaitOptions {
  /** The lock to give up during the wait, and to take again after it. */
  readonly guard?: Guard;
}

/**
 * Tells those who wait that something has changed, with a value if it is of use. Nothing is kept
 * for those who come later: look at the state first, and wait in the same turn, or use
 * {@linkcode Condition.loop}, which misses nothing.
 *
 * Eio's `Condition`, with Lwt's values, `signal` and failure.
 *
 * @example
 * ```ts
 * import { Condition, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const changed = new Condition();
 * let x = 0;
 * await Switch.run((sw) => {
 *   sw.fork(async () => {
 *     while (x !== 42) await changed.wait({ signal: sw.signal });
 *   });
 *   x = 42;
 *   changed.broadcast();
 * });
 * assertEquals(changed.waiting, 0);
 * ```
 */
export class Condition<T = void> {
  /** The name that was given, or an empty string. */
  readonly name: string;
  readonly #line: WaitingLine<T>;
  /** How often there was news. */
  #news = 0;
  #failure: Failure | undefined = undefined;

  /** Make a condition for which nobody waits. */
  constructor({ name = "" }: ConditionOptions = {}) {
    this.name = name;
    this.#line = new WaitingLine(labelOf("Condition", name));
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Waits for the next `broadcast`, or to be the one that `signal` wakes, and returns the value
   * that it came with. Rejects with {@linkcode Cancelled} when the signal is aborted, and with the
   * error of `fail`.
   *
   * With a `guard` it unlocks that for the wait, and locks it again before it returns or rejects:
   * nothing cancels this, so that the guard is held in either case. Only when the mutex was
   * poisoned meanwhile it is not, and this rejects with {@linkcode Poisoned}.
   */
  wait({ signal, guard }: ConditionWaitOptions = {}): Promise<T> {
    return guard === undefined ? this.#line.wait(signal) : this.#waitUnlocked(guard, signal);
  }

  /**
   * Calls `fn` until it returns something else than `undefined`, and returns that. Between the
   * calls it waits for news; where there was some during the call, it calls again at once, so
   * that no change is missed. Several changes during one call make one more call.
   *
   * Rejects with what `fn` throws, with {@linkcode Cancelled} when `signal` is aborted during a
   * wait, and with the error of `fail`. Eio's `loop_no_mutex`.
   *
   * @example
   * ```ts
   * import { Condition } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * const hangup = new Condition();
   * const files = ["old", "new", "last"];
   * const reloading = hangup.loop(async () => {
   *   const config = await Promise.resolve(files.shift());
   *   return config === "last" ? config : undefined;
   * });
   * hangup.broadcast(); // during the first call: there is a second one at once
   * await Promise.resolve();
   * setTimeout(() => hangup.broadcast());
   * assertEquals(await reloading, "last");
   * ```
   */
  async loop<R>(
    fn: () => R | undefined | Promise<R | undefined>,
    { signal }: WaitOptions = {},
  ): Promise<R> {
    while (true) {
      const seen = this.#news;
      const result = await fn();
      if (result !== undefined) return result;
      if (this.#failure !== undefined && this.#failure.at > seen) throw this.#failure.error;
      if (this.#news === seen) await this.#line.wait(signal);
    }
  }

  /** Wakes all that wait, in the order in which they came, and says how many they were. */
  broadcast(value: T): number {
    this.#news++;
    return this.#line.wakeAll(value);
  }

  /** Wakes the one that waits longest. False where nobody waits. */
  signal(value: T): boolean {
    this.#news++;
    return this.#line.wakeOne(value);
  }

  /** Rejects all that wait with `error`, and says how many they were. Later waits are not touched. */
  fail(error: unknown): number {
    this.#failure = { at: ++this.#news, error };
    return this.#line.failAll(error);
  }

  async #waitUnlocked(guard: Guard, signal: AbortSignal | undefined): Promise<T> {
    guard.unlock();
    try {
      return await this.#line.wait(signal); // in this same turn: nobody can have broadcast yet
    } finally {
      await guard.lock();
    }
  }
}

/** The last call of `fail`: which piece of news it was, and its error. */
interface Failure {
  readonly at: number;
  readonly error: unknown;
}
