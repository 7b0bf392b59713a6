import { Buffer } from "node:buffer";
import { type ByteSource, unlessAborted } from "../env/mod.ts";
import { decodeLine } from "./decode_line.ts";

/** What went wrong with one line; the lines after it are not touched by it. */
export type LineFault =
  /** It was longer than the limit, and was dropped. */
  | { readonly kind: "too-long"; readonly bytes: number }
  /** It is not UTF-8. */
  | { readonly kind: "invalid-utf-8"; readonly bytes: number };

/** A line without its end, or why there is none. `bytes` is its length without its end. */
export type Line = string | LineFault;

/** Options for a {@linkcode LineReader}. */
export interface LineReaderOptions {
  /**
   * The longest line, in bytes, its end not counted. A longer one is dropped and reported as an
   * item of its own.
   *
   * @default {65536}
   */
  readonly maxLineBytes?: number;
}

/** Options for {@linkcode LineReader.readLine}. */
export interface ReadLineOptions {
  /** Gives the wait up; what was read stays for the next call. */
  readonly signal?: AbortSignal;
}

const LF = 10;
const CR = 13;

/** The buffer of a connection that has nothing to say. Most requests fit. */
const SMALL_BUFFER_BYTES = 1024;

/** The buffer of a connection that filled the small one: few reads for much data. */
const LARGE_BUFFER_BYTES = 65536;

const NO_BYTES = new Uint8Array(0);

/**
 * Cuts bytes into lines. LF and CRLF end a line; a lone CR and NUL are characters like others; a
 * last line without an end is served.
 *
 * The work is linear in the number of bytes, whatever the lines and the pieces they come in. Not
 * more than the largest line is held in memory, or 64 KiB; an idle reader holds 1 KiB.
 *
 * Read it with `for await`, with {@linkcode LineReader.readLine}, or, to spend nothing on a promise
 * for lines that are there already, with {@linkcode LineReader.take} and
 * {@linkcode LineReader.fill}. One reader at a time.
 *
 * ```ts
 * import { LineReader } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const file = new Blob(["30\r\n", "sha256 hello\n", "end"]).stream().getReader({ mode: "byob" });
 * const reader = new LineReader({
 *   async read(buffer) {
 *     const { value } = await file.read(new Uint8Array(buffer.length));
 *     buffer.set(value ?? []);
 *     return value?.length || null;
 *   },
 * });
 * assertEquals(await Array.fromAsync(reader), ["30", "sha256 hello", "end"]);
 * ```
 */
export class LineReader {
  readonly #source: ByteSource;
  readonly #maxLineBytes: number;

  // The bytes read and not taken are in #buffer from #start to #end. There is no LF before #scanned.
  #buffer = NO_BYTES;
  #bytes = NO_BYTES; // the buffer up to #end, for searching
  #decodable = Buffer.from(NO_BYTES.buffer); // the buffer again, for decoding
  #start = 0;
  #scanned = 0;
  #end = 0;

  /** The line that is being dropped: its bytes so far. */
  #dropped: { bytes: number; last: number } | undefined;
  #atEnd = false;
  #wantsLarge = false;
  #filling: Promise<boolean> | undefined;

  /** Make a reader of `source`, which nobody else reads. */
  constructor(source: ByteSource, { maxLineBytes = 65536 }: LineReaderOptions = {}) {
    if (!Number.isSafeInteger(maxLineBytes) || maxLineBytes < 1) {
      throw new RangeError(
        `Cannot make a line reader: maxLineBytes must be a positive integer, got ${maxLineBytes}`,
      );
    }
    this.#source = source;
    this.#maxLineBytes = maxLineBytes;
  }

  /** How many bytes were read and not taken. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** The bytes that were read and not taken: a view, for a look before the next call. */
  get buffered(): Uint8Array {
    return this.#bytes.subarray(this.#start);
  }

  /** Whether the stream has ended: what can still be taken is here, and a fill waits for nothing. */
  get hasEnded(): boolean {
    return this.#atEnd;
  }

  /** How many bytes of memory the buffer takes. */
  get bufferBytes(): number {
    return this.#buffer.length;
  }

  /**
   * Takes the next line, if all of it is here; `undefined` means that only
   * {@linkcode LineReader.fill} can bring more. Never waits.
   */
  take(): Line | undefined {
    const newline = this.#findNewline();
    if (newline >= 0) return this.#takeTo(newline, newline + 1);
    this.#dropOversize();
    return this.#atEnd ? this.#takeRest() : undefined;
  }

  /**
   * Waits for more bytes. Resolves to `false` when the stream has ended and every line was taken,
   * and rejects as the source does. While it waits, another call waits for the same bytes. Called
   * before {@linkcode LineReader.take} has nothing more, it reads ahead, as far as the buffer goes.
   */
  fill(): Promise<boolean> {
    return this.#filling ??= this.#fill().finally(() => this.#filling = undefined);
  }

  /** Waits for the next line; `undefined` after the last one. */
  async readLine({ signal }: ReadLineOptions = {}): Promise<Line | undefined> {
    for (;;) {
      const line = this.take();
      if (line !== undefined) return line;
      if (!await unlessAborted(this.fill(), signal)) return undefined;
    }
  }

  /** The lines that are left. Whoever stops early can go on reading by any of the ways. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Line, void, void> {
    do {
      for (let line = this.take(); line !== undefined; line = this.take()) yield line;
    } while (await this.fill());
  }

  /** Reads to the end of the stream and drops it all. */
  async discard(): Promise<void> {
    do {
      this.#start = this.#scanned = this.#end;
      this.#dropped = undefined;
    } while (await this.fill());
  }

  #findNewline(): number {
    if (this.#scanned === this.#end) return -1;
    const newline = this.#bytes.indexOf(LF, this.#scanned);
    this.#scanned = newline < 0 ? this.#end : newline + 1;
    return newline;
  }

  /** Takes the line that ends at `end`; the one after it starts at `next`. */
  #takeTo(end: number, next: number): Line {
    const start = this.#start;
    this.#start = next;
    const last = end > start ? this.#buffer[end - 1] : this.#dropped?.last;
    const isCrlf = next > end && last === CR;
    const bytes = end - start + (this.#dropped?.bytes ?? 0) - (isCrlf ? 1 : 0);
    if (this.#dropped !== undefined || bytes > this.#maxLineBytes) {
      this.#dropped = undefined;
      return { kind: "too-long", bytes };
    }
    return decodeLine(this.#decodable, start, start + bytes) ?? { kind: "invalid-utf-8", bytes };
  }

  /** At the end of the stream: what has no line end, if there is any. */
  #takeRest(): Line | undefined {
    if (!this.#hasRest) return undefined;
    return this.#takeTo(this.#end, this.#end);
  }

  get #hasRest(): boolean {
    return this.#start < this.#end || this.#dropped !== undefined;
  }

  /** Drops what is here of a line that is too long already, so that the buffer need not hold it. */
  #dropOversize(): void {
    const bytes = this.#end - this.#start;
    const last = this.#buffer[this.#end - 1]; // a CR may turn out to be half of a CRLF
    const isOversize = bytes > this.#maxLineBytes + (last === CR ? 1 : 0);
    if (bytes === 0 || last === undefined || !(isOversize || this.#dropped)) return;
    this.#dropped = { bytes: (this.#dropped?.bytes ?? 0) + bytes, last };
    this.#start = this.#end;
  }

  async #fill(): Promise<boolean> {
    if (this.#atEnd) return this.#hasRest;
    this.#makeRoom();
    const room = this.#buffer.subarray(this.#end);
    if (room.length === 0) return true; // who reads ahead has enough to take
    const count = await this.#source.read(room);
    if (count === null) {
      this.#atEnd = true;
      return this.#hasRest;
    }
    this.#wantsLarge = count === room.length;
    this.#end += count;
    this.#bytes = this.#buffer.subarray(0, this.#end);
    return true;
  }

  /**
   * Makes the buffer small when nothing is in it, larger when it is full, and free at its end.
   * Keep the moves rare: a line's bytes are moved once at most, and once for each doubling.
   */
  #makeRoom(): void {
    const held = this.#end - this.#start;
    const size = this.#sizeFor(held);
    const isSame = size === this.#buffer.length;
    if (isSame && (this.#start === 0 || this.#end < size / 2)) return;
    const buffer = isSame ? this.#buffer : new Uint8Array(size);
    buffer.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = buffer;
    this.#decodable = Buffer.from(buffer.buffer);
    this.#bytes = buffer.subarray(0, held);
    this.#scanned -= this.#start;
    this.#start = 0;
    this.#end = held;
  }

  #sizeFor(held: number): number {
    const least = this.#wantsLarge ? LARGE_BUFFER_BYTES : SMALL_BUFFER_BYTES;
    const size = held === 0 && !this.#wantsLarge ? least : Math.max(this.#buffer.length, least);
    const most = Math.max(LARGE_BUFFER_BYTES, this.#maxLineBytes + "\r\n".length);
    return held < size ? size : Math.min(size * 2, most);
  }
}
