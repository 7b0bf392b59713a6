import { Cancelled, onAbort, type Registration, type Switch } from "../switch/mod.ts";
import type { CatchableSignal, Delivery, NextSignalOptions, SignalListener } from "./signals.ts";

/** Someone who waits for a signal. */
interface Waiter {
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (reason: Cancelled) => void;
  abort: Registration | undefined;
}

/**
 * Keeps the signals that are delivered until they are looked at. As they are counted by name, a
 * storm of them takes no memory.
 */
export class SignalInbox implements SignalListener {
  readonly #counts = new Map<CatchableSignal, number>(); // the first to come first
  readonly #waiters = new Set<Waiter>(); // likewise
  #ended: Cancelled | undefined = undefined;

  /** Make an inbox that ends with `sw`. */
  constructor(sw: Switch) {
    sw.onCancel((reason) => this.#end(reason));
    sw.onRelease(() => this.#end(new Cancelled("the switch of the signal listener has ended")));
  }

  get pending(): number {
    return this.#counts.values().reduce((sum, count) => sum + count, 0);
  }

  next({ signal }: NextSignalOptions = {}): Promise<Delivery> {
    const delivery = this.#take();
    if (delivery !== undefined) return Promise.resolve(delivery);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, abort: undefined };
      this.#waiters.add(waiter);
      if (signal !== undefined) {
        waiter.abort = onAbort(signal, (reason) => this.#giveUp(waiter, reason), "a signal");
      }
    });
  }

  /** Takes a delivery in. Law 6: it goes to the one who waits longest, or it is kept. */
  deliver(name: CatchableSignal): void {
    const [waiter] = this.#waiters;
    if (waiter === undefined) return void this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#waiters.delete(waiter);
    waiter.abort?.remove();
    waiter.resolve({ name, count: 1 });
  }

  #take(): Delivery | undefined {
    const [first] = this.#counts;
    if (first === undefined) return undefined;
    const [name, count] = first;
    this.#counts.delete(name);
    return { name, count };
  }

  #giveUp(waiter: Waiter, reason: Cancelled): void {
    this.#waiters.delete(waiter);
    waiter.abort?.remove();
    waiter.reject(reason);
  }

  #end(reason: Cancelled): void {
    this.#ended ??= reason;
    for (const waiter of this.#waiters) this.#giveUp(waiter, reason);
  }
}
