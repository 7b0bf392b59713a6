import { abortable } from "./abortable.ts";
import type { WaitOptions } from "./wait_options.ts";

/** How far a {@linkcode Deferred} has come. */
export type DeferredState<T> =
  | { readonly kind: "pending" }
  | { readonly kind: "resolved"; readonly value: T }
  | { readonly kind: "rejected"; readonly error: unknown };

/** Options for a {@linkcode Deferred}. */
export interface DeferredOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly label?: string;
}

const PENDING = { kind: "pending" } as const;

/**
 * A value that comes later, from whoever calls `resolve`: once, and never twice unnoticed. Eio's
 * `Promise`.
 *
 * Unlike a native promise it can be looked at without waiting, and says when it is settled a second
 * time. Those who wait go on in the order in which they came. An error that nobody waits for is not
 * reported.
 *
 * @example
 * ```ts
 * import { Deferred } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const ready = new Deferred<number>({ label: "ready" });
 * assertEquals(ready.state, { kind: "pending" });
 * ready.resolve(8080);
 * assertEquals(ready.state, { kind: "resolved", value: 8080 });
 * assertEquals(ready.tryResolve(9090), false);
 * assertEquals(await ready.wait(), 8080);
 * ```
 */
export class Deferred<T> {
  /** The label that was given, or an empty string. */
  readonly label: string;
  /** The same as a native promise, for whoever takes one. */
  readonly promise: Promise<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #state: DeferredState<T> = PENDING;

  /** Make one that is not settled. */
  constructor({ label = "" }: DeferredOptions = {}) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    promise.catch(() => {});
    this.label = label;
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** What it has been settled with, if it has. Eio's `peek`. */
  get state(): DeferredState<T> {
    return this.#state;
  }

  /** Settles it with `value`. Throws a `TypeError` if it is settled. */
  resolve(value: T): void {
    if (!this.tryResolve(value)) throw this.#settledError("resolve");
  }

  /** Settles it with `error`. Throws a `TypeError` if it is settled. */
  reject(error: unknown): void {
    if (!this.tryReject(error)) throw this.#settledError("reject");
  }

  /** Settles it with `value`, and returns whether it was the first to. */
  tryResolve(value: T): boolean {
    if (this.#state.kind !== "pending") return false;
    this.#state = { kind: "resolved", value };
    this.#resolve(value);
    return true;
  }

  /** Settles it with `error`, and returns whether it was the first to. */
  tryReject(error: unknown): boolean {
    if (this.#state.kind !== "pending") return false;
    this.#state = { kind: "rejected", error };
    this.#reject(error);
    return true;
  }

  /**
   * Waits for the value, or throws the error. Rejects with {@linkcode Cancelled} when `signal` is
   * aborted during the wait; one that is settled is given without a look at the signal.
   */
  wait({ signal }: WaitOptions = {}): Promise<T> {
    if (this.#state.kind !== "pending") return this.promise;
    return abortable(this.promise, signal, { toString: () => this.#title });
  }

  get #title(): string {
    return this.label === "" ? "deferred value" : `deferred value ${JSON.stringify(this.label)}`;
  }

  #settledError(action: string): TypeError {
    return new TypeError(`Cannot ${action} the ${this.#title}: it is ${this.#state.kind} already`);
  }
}
