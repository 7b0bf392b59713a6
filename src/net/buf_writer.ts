import type { ByteSink, Clock, Timer } from "../env/mod.ts";
import { NetError, unlessAborted } from "../env/mod.ts";
import { Packer, type Piece } from "./pack.ts";
import { borrowBuffer, returnBuffer } from "./send_buffers.ts";
import { atTurnsEnd, type Task } from "./turns_end.ts";

/** A text of up to so many UTF-16 units is sent without a promise, where the sink can. */
const MOST_AT_ONCE = 16_384;

/** Options for a {@linkcode BufWriter}. */
export interface BufWriterOptions {
  /** Times the stalls. */
  readonly clock: Clock;

  /**
   * How much may wait to be sent before {@linkcode BufWriter.ready} waits.
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

/** Options for what waits in a {@linkcode BufWriter}. */
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

/**
 * Sends bytes and text, many in one write: what is written in one turn goes out together, and so
 * does all that comes while a write is under way.
 *
 * Writing never waits and never throws for what the peer does. Before you write more, wait for
 * {@linkcode BufWriter.ready}, or a peer that does not read fills the memory. When a write fails, or
 * the peer takes nothing for `stallMs`, the writer has failed: `onError` is told once, and what is
 * written from then on is dropped.
 *
 * Also known as `Eio.Buf_write`. Where a writer is needed for a while only, use
 * {@linkcode withWriter}.
 *
 * @example
 * ```ts
 * import { BufWriter, FakeClock } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const sink = {
 *   write(data: Uint8Array) {
 *     sent.push(new TextDecoder().decode(data));
 *     return Promise.resolve(data.length);
 *   },
 * };
 * const writer = new BufWriter(sink, { clock: new FakeClock() });
 * writer.write("Hello");
 * writer.write(Uint8Array.of(32));
 * writer.write("world");
 * await writer.close();
 * assertEquals(sent, ["Hello world"]);
 * ```
 */
export class BufWriter {
  readonly #sink: ByteSink;
  readonly #clock: Clock;
  readonly #maxPendingBytes: number;
  readonly #stallMs: number;
  readonly #onError: ((error: Error) => void) | undefined;

  // What was written, is not sent, and is not in the batch that is being sent: pieces, then text.
  #pieces: Piece[] = [];
  #text = "";
  #written = 0; // bytes and UTF-16 units since the beginning
  #sent = 0; // of those, what the sink has taken
  readonly #sending: Task = { run: () => this.#send() };
  #isPumping = false;
  #isClosed = false;
  #error: Error | undefined;
  #waiters: Waiter[] = [];

  #stallTimer: Timer | undefined;
  #progressAt = 0;

  /** Make a writer to `sink`, to which nobody else writes. */
  constructor(sink: ByteSink, options: BufWriterOptions) {
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

  /** Whether `maxPendingBytes` or more is pending, so that {@linkcode BufWriter.ready} waits. */
  get isFull(): boolean {
    return this.pendingBytes >= this.#maxPendingBytes;
  }

  /** Why the writer has failed or was aborted, if it was. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Where {@linkcode copy} and the like can write, at the pace of this writer's own sink. */
  get sink(): ByteSink {
    return {
      write: async (data) => {
        await this.ready();
        this.write(data);
        return data.length;
      },
    };
  }

  /**
   * Sends a text, or a copy of these bytes, soon. Throws a `TypeError` after
   * {@linkcode BufWriter.close}.
   */
  write(data: string | Uint8Array): void {
    if (this.#isClosed) throw new TypeError("Cannot write: the writer is closed");
    if (this.#error !== undefined || data.length === 0) return;
    this.#written += data.length;
    if (typeof data === "string") this.#text += data;
    else this.#addBytes(data);
    if (this.#isPumping) return;
    this.#isPumping = true;
    atTurnsEnd(this.#sending); // the rest of this turn's lines go out with the first
  }

  #send(): void {
    if (this.#error === undefined && this.#pieces.length === 0 && this.#sink.send !== undefined) {
      if (this.#text.length <= MOST_AT_ONCE) return this.#sendText();
    }
    void this.#pump();
  }

  /**
   * Waits until less than `maxPendingBytes` is pending; at once where it is. Rejects when the
   * writer has failed, and with the signal's {@linkcode Cancelled}.
   */
  ready({ signal }: ReadyOptions = {}): Promise<void> {
    return unlessAborted(this.#until(() => !this.isFull), signal, "room to write");
  }

  /**
   * Waits until all that was written before is sent. Rejects when the writer has failed, and with
   * the signal's {@linkcode Cancelled}; it is sent all the same then.
   */
  flush({ signal }: ReadyOptions = {}): Promise<void> {
    const end = this.#written;
    return unlessAborted(this.#until(() => this.#sent >= end), signal, "what was written");
  }

  /** Takes no more, and waits as {@linkcode BufWriter.flush} does. The sink stays open. */
  async close(options?: ReadyOptions): Promise<void> {
    this.#isClosed = true;
    await this.flush(options);
    this.#stallTimer?.cancel();
  }

  /** Drops what is pending, and rejects who waits with `error`. A second time this does nothing. */
  abort(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#takePieces();
    this.#stallTimer?.cancel();
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.abort(error);
    this.#onError?.(error);
  }

  /** Sends the text, which is all that waits. No timer is set for what the sink takes at once. */
  #sendText(): void {
    const text = this.#text;
    this.#text = "";
    try {
      if (this.#sink.send!(text, (error) => this.#sentText(text.length, error))) {
        this.#sentText(text.length);
      } else this.#beginBatch();
    } catch (error) {
      this.#sentText(0, error as Error);
    }
  }

  #sentText(units: number, error?: Error): void {
    if (error !== undefined) this.#fail(error);
    this.#sent += units;
    this.#wakeDone();
    if (this.#sent < this.#written && this.#error === undefined) this.#send();
    else this.#isPumping = false;
  }

  #beginBatch(): void {
    this.#progressAt = this.#clock.monotonic();
    this.#stallTimer ??= this.#setStallTimer(this.#stallMs);
  }

  /** Sends batch after batch until nothing is left. Never rejects. */
  async #pump(): Promise<void> {
    try {
      while (this.#sent < this.#written && this.#error === undefined) {
        await this.#sendBatch(this.#takePieces());
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#isPumping = false;
  }

  /** A copy, as the caller may use the memory again. */
  #addBytes(bytes: Uint8Array): void {
    if (this.#text !== "") this.#pieces.push(this.#text);
    this.#text = "";
    this.#pieces.push(bytes.slice());
  }

  #takePieces(): Piece[] {
    const pieces = this.#pieces;
    if (this.#text !== "") pieces.push(this.#text);
    this.#pieces = [];
    this.#text = "";
    return pieces;
  }

  async #sendBatch(pieces: readonly Piece[]): Promise<void> {
    this.#beginBatch();
    const buffer = borrowBuffer();
    try {
      const packer = new Packer(pieces, buffer);
      for (let packet = packer.next(); packet !== undefined; packet = packer.next()) {
        await this.#sendAll(packet.bytes);
        if (this.#error !== undefined) return;
        this.#sent += packet.units;
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
  throw new RangeError(`Cannot make a writer: ${name} must be positive, got ${value}`);
}

function stalled(ms: number): NetError {
  return new NetError("timed-out", `Cannot write: the peer has taken nothing for ${ms} ms`);
}
