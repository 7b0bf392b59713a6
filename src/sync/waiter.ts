import { Link, List, onAbort, type Registration, type WaitLabel, wake } from "../switch/mod.ts";

/**
 * One who waits in a line. It is settled once, by whoever takes it out of the line or by its
 * signal: being in the line is the one bit.
 */
export class Waiter<T> extends Link {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #signal: AbortSignal | undefined = undefined;
  #onAbort: Registration | undefined = undefined;

  constructor(resolve: (value: T) => void, reject: (error: unknown) => void) {
    super();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Leaves the line and is rejected when `signal` is aborted. It waits for `what` until then. */
  giveUpOn(signal: AbortSignal | undefined, what: WaitLabel): void {
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = onAbort(signal, (reason) => {
      this.remove();
      wake(signal, this.#reject, reason);
    }, what);
  }

  /** Ends the wait well. For one that was just taken out of its line. */
  resolve(value: T): void {
    this.#onAbort?.remove();
    wake(this.#signal, this.#resolve, value);
  }

  /** Ends the wait with an error. For one that was just taken out of its line. */
  reject(error: unknown): void {
    this.#onAbort?.remove();
    wake(this.#signal, this.#reject, error);
  }
}

/**
 * Those who wait for the same thing, longest first. Law 6: what a waiter is handed is its own from
 * then on, and one that is cancelled before that leaves no trace.
 */
export class WaitingLine<T> {
  readonly #waiters = new List<Waiter<T>>();
  readonly #what: WaitLabel;

  /** A line for `what`, as those see it who look at what is waited for. */
  constructor(what: WaitLabel) {
    this.#what = what;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Stands in line, until woken. */
  wait(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiters.push(new Waiter<T>(resolve, reject)).giveUpOn(signal, this.#what);
    });
  }

  /** Hands `value` to the one who waits longest. False where nobody waits. */
  wakeOne(value: T): boolean {
    const waiter = this.#waiters.shift();
    waiter?.resolve(value);
    return waiter !== undefined;
  }

  /** Hands `value` to all that wait now, and says how many they were. */
  wakeAll(value: T): number {
    const count = this.size;
    while (this.wakeOne(value));
    return count;
  }

  /** Rejects all that wait now, and says how many they were. */
  failAll(error: unknown): number {
    const count = this.size;
    for (let next = this.#waiters.shift(); next; next = this.#waiters.shift()) next.reject(error);
    return count;
  }
}
