import type { ByteSink, Clock, Timer } from "../env/mod.ts";
import { NetError, unlessAborted } from "../env/mod.ts";
import { borrowBuffer, returnBuffer } from "./send_buffers.ts";

/** Options for a {@linkcode LineWriter}. */
export interface LineWriterOptions {
  /** Times the stalls. */
  readonly clock: Clock;

  /**
   * How much may wait to be sent before {@linkcode LineWriter.ready} waits.
   *
   * @default {1048576}
   */
  readonly maxPendingBytes?: number;

  /**
   * How long the peer may go without taking a byte before the writer fails.
   *
   * @default {10000}
   */
  readonly stallMs?: number;

  /** Called once, when the writer fails by itself. */
  readonly onError?: (error: Error) => void;
}

/** Options for {@linkcode LineWriter.ready}. */
export interface ReadyOptions {
  /** Gives the wait up. */
  readonly signal?: AbortSignal;
}

/** Someone who waits for the sending to get somewhere. */
interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const encoder = new TextEncoder();

/**
 * Sends lines, many in one write: what is written in one turn goes out together, and so does all
 * that comes while a write is under way.
 *
 * Writing never waits and never throws for what the peer does. Before taking on more work for a
 * peer, wait for {@linkcode LineWriter.ready}, or a peer that does not read fills the memory. When a
 * write fails, or the peer takes nothing for `stallMs`, the writer has failed: `onError` is told
 * once, and what is written from then on is dropped.
 *
 * ```ts
 * import { FakeClock, LineWriter } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const sink = {
 *   write(data: Uint8Array) {
 *     sent.push(new TextDecoder().decode(data));
 *     return Promise.resolve(data.length);
 *   },
 * };
 * const writer = new LineWriter(sink, { clock: new FakeClock() });
 * writer.writeLine("Result: 832040");
 * writer.writeLine("Error: Invalid number");
 * await writer.close();
 * assertEquals(sent, ["Result: 832040\nError: Invalid number\n"]);
 * ```
 */
export class LineWriter {
  readonly #sink: ByteSink;
  readonly #clock: Clock;
  readonly #maxPendingBytes: number;
  readonly #stallMs: number;
  readonly #onError: ((error: Error) => void) | undefined;

  #text = ""; // written, not sent, not in the batch that is being sent
  #written = 0; // UTF-16 units since the beginning
  #sent = 0; // of those, what the sink has taken
  #isPumping = false;
  #isClosed = false;
  #error: Error | undefined;
  #waiters: Waiter[] = [];

  #stallTimer: Timer | undefined;
  #progressAt = 0;

  /** Make a writer to `sink`, to which nobody else writes. */
  constructor(sink: ByteSink, options: LineWriterOptions) {
    const { clock, maxPendingBytes = 1 << 20, stallMs = 10_000, onError } = options;
    this.#sink = sink;
    this.#clock = clock;
    this.#maxPendingBytes = positive("maxPendingBytes", maxPendingBytes);
    this.#stallMs = positive("stallMs", stallMs);
    this.#onError = onError;
  }

  /** How much waits to be sent. A character beyond ASCII counts as one or two, not by its bytes. */
  get pendingBytes(): number {
    return this.#error === undefined ? this.#written - this.#sent : 0;
  }

  /** Whether `maxPendingBytes` or more is pending, so that {@linkcode LineWriter.ready} waits. */
  get isFull(): boolean {
    return this.pendingBytes >= this.#maxPendingBytes;
  }

  /** Why the writer has failed or was aborted, if it was. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Sends `text` as it is, soon. Throws a `TypeError` after {@linkcode LineWriter.close}. */
  write(text: string): void {
    if (this.#isClosed) throw new TypeError("Cannot write: the writer is closed");
    if (this.#error !== undefined || text === "") return;
    this.#text += text;
    this.#written += text.length;
    if (!this.#isPumping) this.#pump();
  }

  /** Sends `line` and a line end, soon. */
  writeLine(line: string): void {
    this.write(`${line}\n`);
  }

  /**
   * Waits until less than `maxPendingBytes` is pending; at once where it is. Rejects when the
   * writer has failed, and with the signal's {@linkcode Cancelled}.
   */
  ready({ signal }: ReadyOptions = {}): Promise<void> {
    return unlessAborted(this.#until(() => !this.isFull), signal);
  }

  /** Waits until all that was written before is sent. Rejects when the writer has failed. */
  flush(): Promise<void> {
    const end = this.#written;
    return this.#until(() => this.#sent >= end);
  }

  /** Takes no more, and waits until all that was written before is sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    this.#stallTimer?.cancel();
  }

  /** Drops what is pending, and rejects who waits with `error`. A second time this does nothing. */
  abort(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#text = "";
    this.#stallTimer?.cancel();
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.abort(error);
    this.#onError?.(error);
  }

  /** Sends batch after batch until nothing is left. Never rejects. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    await undefined; // the rest of this turn's lines go out with the first
    try {
      while (this.#text !== "") await this.#sendBatch(this.#takeText());
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#isPumping = false;
  }

  #takeText(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  async #sendBatch(text: string): Promise<void> {
    this.#progressAt = this.#clock.monotonic();
    this.#stallTimer ??= this.#setStallTimer(this.#stallMs);
    const buffer = borrowBuffer();
    try {
      for (let at = 0; at < text.length && this.#error === undefined;) {
        const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), buffer);
        await this.#sendAll(buffer.subarray(0, written));
        at += read;
        this.#sent += read;
        this.#wakeDone();
      }
    } finally {
      returnBuffer(buffer);
    }
  }

  async #sendAll(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length && this.#error === undefined;) {
      sent += await this.#sink.write(bytes.subarray(sent));
      this.#progressAt = this.#clock.monotonic();
    }
  }

  /** One timer for many writes: it looks, when it fires, how long ago the last progress was. */
  #setStallTimer(ms: number): Timer {
    return this.#clock.setTimer(ms, () => {
      this.#stallTimer = undefined;
      if (this.pendingBytes === 0) return;
      const left = this.#progressAt + this.#stallMs - this.#clock.monotonic();
      if (left > 0) this.#stallTimer = this.#setStallTimer(left);
      else this.#fail(stalled(this.#stallMs));
    });
  }

  #until(isDone: () => boolean): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (isDone()) return Promise.resolve();
    return new Promise((resolve, reject) => void this.#waiters.push({ isDone, resolve, reject }));
  }

  #wakeDone(): void {
    if (this.#waiters.length === 0) return;
    const waiters = Map.groupBy(this.#waiters, (waiter) => waiter.isDone());
    this.#waiters = waiters.get(false) ?? [];
    for (const { resolve } of waiters.get(true) ?? []) resolve();
  }
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new RangeError(`Cannot make a line writer: ${name} must be positive, got ${value}`);
}

function stalled(ms: number): NetError {
  return new NetError("timed-out", `Cannot write: the peer has taken nothing for ${ms} ms`);
}
