import type { Progress } from "../job/mod.ts";
import { onAbort, type Registration } from "../switch/mod.ts";
import { CallError } from "./call_error.ts";
import { type CallRequest, formatCall } from "./wire.ts";

/** Where a call is: it waits for its turn, or was sent, or has its end. */
type Place = "waiting" | "sent" | "settled";

/** One call, from its making to its one end. */
export class Call {
  readonly id: number;
  readonly job: string;
  readonly line: string;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #onItem: ((item: unknown) => void) | undefined;
  readonly #result = Promise.withResolvers<unknown>();
  #place: Place = "waiting";
  #abort: Registration | undefined;
  #signal: AbortSignal | undefined;

  /** Throws a TypeError where the input cannot be sent. */
  constructor(id: number, request: CallRequest) {
    this.id = id;
    this.job = request.job;
    this.line = formatCall(id, request);
    this.#onProgress = request.onProgress;
    this.#onItem = request.onItem;
  }

  /** What the job returned. */
  get result(): Promise<unknown> {
    return this.#result.promise;
  }

  get isWaiting(): boolean {
    return this.#place === "waiting";
  }

  /** Calls `cancel` when `signal` is aborted before the end. */
  cancelOn(signal: AbortSignal, cancel: () => void): void {
    this.#signal = signal;
    this.#abort = onAbort(signal, cancel, `call of ${this.job}`);
  }

  /** It is on its way: from now on the server may run it. */
  sent(): void {
    this.#place = "sent";
  }

  progressed(progress: Progress): void {
    this.#onProgress?.(progress);
  }

  item(item: unknown): void {
    this.#onItem?.(item);
  }

  succeed(result: unknown): void {
    if (this.#settle()) this.#result.resolve(result);
  }

  fail(error: CallError): void {
    if (!this.#settle()) return;
    // Why it was cancelled is known on this side only.
    if (this.#signal?.aborted) error.cause ??= this.#signal.reason;
    this.#result.reject(error);
  }

  /** The connection has ended, or the client is closed. */
  drop(code: "LOST" | "CLOSED", why: string): void {
    const end = this.isWaiting
      ? "it was never sent"
      : "it had been sent, so it may have run: it is not sent again";
    this.fail(new CallError(code, `Cannot tell the result of ${this.job}: ${why}; ${end}`));
  }

  #settle(): boolean {
    if (this.#place === "settled") return false;
    this.#place = "settled";
    this.#abort?.remove();
    return true;
  }
}
