import { describeError } from "./cancelled.ts";
import type { Context } from "./context.ts";
import type { Observer } from "./observer.ts";
import type { FiberKind } from "./switch_info.ts";
import type { WaitLabel } from "./wait_label.ts";

/** Somebody who may wait: a fiber, or a switch for all in it who cannot be told apart. */
export interface Waiter {
  readonly id: number;
  readonly name: string;
}

/** What an observer knows of one switch. */
export class SwitchObservation implements Waiter {
  readonly observer: Observer;
  readonly id: number;
  readonly name: string;
  /** Signals that were lent to fibers and came back. */
  readonly spareSignals: AbortSignal[] = [];
  readonly #since: number;
  #cancelledAt: number | undefined = undefined;
  #releases = 0;
  #releaseSince = 0;

  constructor(observer: Observer, name: string, parent: number | undefined) {
    this.observer = observer;
    this.id = observer.nextId();
    this.name = name;
    this.#since = observer.now();
    observer.record({ kind: "open", at: this.#since, id: this.id, name, parent });
  }

  /** For the tree. */
  get ages(): { id: number; ageMs: number; cancelledMs?: number } {
    const now = this.observer.now();
    const age = { id: this.id, ageMs: now - this.#since };
    return this.#cancelledAt === undefined ? age : { ...age, cancelledMs: now - this.#cancelledAt };
  }

  cancelled(cause: unknown, by: number): void {
    const { observer, id, name } = this;
    const at = this.#cancelledAt = observer.now();
    observer.record({ kind: "cancel", at, id, name, by, cause: describeError(cause) });
  }

  releaseBegins(): void {
    const { observer, id, name } = this;
    const at = this.#releaseSince = observer.now();
    observer.record({ kind: "release", at, id, name, nth: ++this.#releases });
  }

  releaseEnds(): void {
    const { observer, id, name } = this;
    const since = this.#releaseSince;
    observer.record({ kind: "released", at: observer.now(), id, name, since, nth: this.#releases });
  }

  ended(failure: { readonly error: unknown } | undefined): void {
    const { observer, id, name } = this;
    const error = failure && describeError(failure.error);
    const about = { since: this.#since, error };
    observer.record({ kind: "end", at: observer.now(), id, name, of: "switch", ...about });
  }
}

/** What an observer knows of one fiber, which is also the lifetime whose signal the fiber is given. */
export class FiberObservation implements Waiter {
  readonly id: number;
  readonly name: string;
  readonly #observer: Observer;
  readonly #context: Context;
  readonly #kind: FiberKind;
  readonly #since: number;
  #isRunning = true;
  #signal: AbortSignal | undefined = undefined;
  #error: string | undefined = undefined;

  constructor(context: Context, sw: SwitchObservation, name: string, kind: FiberKind) {
    const { observer } = sw;
    this.#context = context;
    this.#observer = observer;
    this.#kind = kind;
    this.id = observer.nextId();
    this.name = name;
    this.#since = observer.now();
    const { id } = this;
    observer.record({ kind: "fork", at: this.#since, id, name, parent: sw.id, fiber: kind });
  }

  /** Whether it has not settled. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  get signal(): AbortSignal {
    return this.#signal ??= this.#context.lendSignal(this);
  }

  /** For the tree. */
  get ages(): { id: number; ageMs: number } {
    return { id: this.id, ageMs: this.#observer.now() - this.#since };
  }

  threw(error: unknown): void {
    this.#error = describeError(error);
  }

  ended(): void {
    this.#isRunning = false;
    if (this.#signal !== undefined) this.#context.takeSignalBack(this.#signal);
    const { id, name } = this;
    const about = { of: this.#kind, since: this.#since, error: this.#error };
    this.#observer.record({ kind: "end", at: this.#observer.now(), id, name, ...about });
  }
}

/** What an observer knows of one wait. */
export class WaitObservation {
  readonly #observer: Observer;
  readonly #waiter: Waiter;
  readonly #wait: number;
  readonly #what: string;
  readonly #since: number;

  constructor(observer: Observer, waiter: Waiter, label: WaitLabel) {
    this.#observer = observer;
    this.#waiter = waiter;
    const wait = this.#wait = observer.nextId();
    const what = this.#what = String(label);
    const at = this.#since = observer.now();
    observer.record({ kind: "wait", at, id: waiter.id, name: waiter.name, wait, what });
  }

  ended(cancelled: boolean): void {
    const { id, name } = this.#waiter;
    const about = { wait: this.#wait, what: this.#what, since: this.#since, cancelled };
    this.#observer.record({ kind: "resume", at: this.#observer.now(), id, name, ...about });
  }
}
