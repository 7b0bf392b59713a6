import { Cancelled } from "../switch/mod.ts";
import type { RateLimiter } from "../sync/mod.ts";

/** A rate that holds for a connection, and what it counts as there. */
export interface Rate {
  /** Takes a turn of its key, if there is one now. */
  tryTake(): boolean;
  /** Waits for a turn. */
  wait(signal: AbortSignal): Promise<void>;
}

/** The turns that `limiter` gives to `key`. */
export function rateOf<K>(limiter: RateLimiter<K>, key: K): Rate {
  return {
    tryTake: () => limiter.tryTake(key),
    wait: (signal) => limiter.wait(key, { signal }),
  };
}

/** Says when the next line of a connection may be taken, where its requests have a rate. */
export class Pace implements Disposable {
  readonly #rates: readonly Rate[];
  readonly #ending = new AbortController();
  readonly #onTurn: () => void;
  #owed = 0;
  #isWaiting = false;
  #hasTurn = false;

  /** `onTurn` is called when a turn has come that was not there at once. */
  constructor(rates: readonly Rate[], onTurn: () => void) {
    this.#rates = rates;
    this.#onTurn = onTurn;
  }

  /** Takes a turn for the next line, if there is one; if not, `onTurn` is called when there is. */
  take(): boolean {
    if (this.#isWaiting) return false;
    const isReady = this.#hasTurn || this.#owed === 0 && this.#tryTake();
    this.#hasTurn = false;
    if (!isReady && !this.#isWaiting) void this.#wait(this.#rates, 1 + this.#owed);
    return isReady;
  }

  /** Counts what a line held beyond its one request: the next waits for that as well. */
  owe(requests: number): void {
    this.#owed += requests;
  }

  /** Leaves its turn to others: the connection has ended, or has another pace. */
  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  #tryTake(): boolean {
    for (const [index, rate] of this.#rates.entries()) {
      if (rate.tryTake()) continue;
      void this.#wait(this.#rates.slice(index), 1);
      return false;
    }
    return true;
  }

  async #wait(rates: readonly Rate[], turns: number): Promise<void> {
    this.#isWaiting = true;
    try {
      for (const rate of rates) {
        for (let turn = 0; turn < turns; turn++) await rate.wait(this.#ending.signal);
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      return; // the connection has ended
    }
    this.#owed = 0;
    this.#isWaiting = false;
    this.#hasTurn = true;
    this.#onTurn();
  }
}
