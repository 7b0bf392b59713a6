import { Fiber, type FiberFunction, isAbortError, type WaitOptions } from "../switch/mod.ts";
import { callWith } from "./call_with.ts";
import { labelOf } from "./title.ts";
import { WaitingLine } from "./waiter.ts";

/** Options for a {@linkcode Lazy}. */
export interface LazyOptions {
  /**
   * For messages.
   *
   * @default {""}
   */
  readonly name?: string;

  /**
   * What happens when the one who computes the value is cancelled:
   *
   * - `"restart"`: it alone is; the next who wants the value computes it afresh.
   * - `"record"`: the cancellation is the result, for everybody and for good.
   * - `"protect"`: nothing, as no cancellation reaches the computation.
   *
   * @default {"restart"}
   */
  readonly onCancel?: "restart" | "record" | "protect";
}

/**
 * A value that is computed when it is first wanted, once. A failure is kept like a value: all who
 * want it get the same error. Eio's `Lazy`.
 *
 * @example
 * ```ts
 * import { Lazy } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * let computed = 0;
 * const answer = new Lazy(async () => {
 *   computed++;
 *   return await Promise.resolve(42);
 * });
 * assertEquals(await Promise.all([answer.force(), answer.force()]), [42, 42]);
 * assertEquals(computed, 1);
 * ```
 */
export class Lazy<T> {
  readonly #fn: FiberFunction<T>;
  readonly #onCancel: "restart" | "record" | "protect";
  readonly #line: WaitingLine<void>;
  #state: State<T> = { kind: "open" };

  /**
   * Make a value that `fn` computes. It runs in the fiber of the first who wants the value, and is
   * given that one's signal, if it declares a parameter.
   */
  constructor(fn: FiberFunction<T>, { name = "", onCancel = "restart" }: LazyOptions = {}) {
    this.#fn = fn;
    this.#onCancel = onCancel;
    this.#line = new WaitingLine(labelOf("Lazy", name));
  }

  /** Whether the value is there, or the error. */
  get isForced(): boolean {
    return this.#state.kind === "value" || this.#state.kind === "error";
  }

  /**
   * Gives the value, and computes it if nobody has; waits for it while somebody does. Rejects with
   * the error of the computation, and with {@linkcode Cancelled} when `signal` is aborted during
   * the wait. Whether that also stops a computation of one's own, `onCancel` says.
   */
  async force({ signal }: WaitOptions = {}): Promise<T> {
    // Look again after each wait: another who was woken may compute it afresh by now.
    while (this.#state.kind === "running") await this.#line.wait(signal);
    switch (this.#state.kind) {
      case "value":
        return this.#state.value;
      case "error":
        throw this.#state.error;
      case "open":
        return await this.#compute(signal);
    }
  }

  async #compute(signal: AbortSignal | undefined): Promise<T> {
    this.#state = { kind: "running" };
    try {
      const value = await this.#call(signal);
      this.#state = { kind: "value", value };
      return value;
    } catch (error) {
      this.#state = this.#afterError(error, signal);
      throw error;
    } finally {
      this.#line.wakeAll();
    }
  }

  #afterError(error: unknown, signal: AbortSignal | undefined): State<T> {
    const isCancelled = signal?.aborted === true && isAbortError(error);
    const restarts = isCancelled && this.#onCancel === "restart";
    return restarts ? { kind: "open" } : { kind: "error", error };
  }

  #call(signal: AbortSignal | undefined): T | Promise<T> {
    return this.#onCancel === "protect" ? Fiber.protect(this.#fn) : callWith(this.#fn, signal);
  }
}

type State<T> =
  | { readonly kind: "open" }
  | { readonly kind: "running" }
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "error"; readonly error: unknown };
