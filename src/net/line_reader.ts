import { type ByteSource, unlessAborted } from "../env/mod.ts";
import { decodeInteger, MOST_DIGITS } from "./decode_integer.ts";
import { LineDecoder } from "./line_decoder.ts";
import { type FillWatcher, ReadBuffer } from "./read_buffer.ts";

/** What went wrong with one line; the lines after it are not touched by it. */
export type LineFault =
  /** It was longer than the limit, and was dropped. */
  | { readonly kind: "too-long"; readonly bytes: number; readonly first: number }
  /** It is not UTF-8. */
  | { readonly kind: "invalid-utf-8"; readonly bytes: number; readonly first: number };

/**
 * A line without its end, or why there is none: `bytes` is its length without its end, `first` its
 * first byte, by which one may tell what it was to be.
 */
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

/** No integer that {@linkcode LineReader.takeInteger} takes is longer, in bytes, its line end counted. */
const LONGEST_INTEGER = "-".length + MOST_DIGITS + "\r\n".length;

/**
 * Cuts bytes into lines. LF and CRLF end a line; a lone CR and NUL are characters like others; a
 * last line without an end is served.
 *
 * The work is linear in the number of bytes, whatever the lines and the pieces they come in. Not
 * more than the largest line is held in memory, or 64 KiB, and 4 KiB that were decoded; an idle
 * reader holds 1 KiB at most. A line that came with others keeps up to 4 KiB of their text in memory
 * for as long as it is kept itself.
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
  readonly #buffer: ReadBuffer;
  readonly #maxLineBytes: number;
  readonly #decoder = new LineDecoder();

  /** How many of the buffer's bytes, from its start, have no LF among them. */
  #scanned = 0;

  /** The line that is being dropped: its bytes so far. */
  #dropped: { bytes: number; last: number; first: number } | undefined;

  /** Make a reader of `source`, which nobody else reads. */
  constructor(source: ByteSource, { maxLineBytes = 65536 }: LineReaderOptions = {}) {
    if (!Number.isSafeInteger(maxLineBytes) || maxLineBytes < 1) {
      throw new RangeError(
        `Cannot make a line reader: maxLineBytes must be a positive integer, got ${maxLineBytes}`,
      );
    }
    this.#buffer = new ReadBuffer(source, maxLineBytes + "\r\n".length);
    this.#maxLineBytes = maxLineBytes;
  }

  /** How many bytes were read and not taken. */
  get bufferedBytes(): number {
    return this.#buffer.size;
  }

  /** The bytes that were read and not taken: a view, for a look before the next call. */
  get buffered(): Uint8Array {
    return this.#buffer.bytes.subarray(this.#buffer.start);
  }

  /**
   * How many bytes the last read has brought.
   *
   * @internal
   */
  get lastBytes(): number {
    return this.#buffer.lastBytes;
  }

  /** Whether bytes of a line are here, or were dropped, whose end is not, after the last `take`. */
  get isInLine(): boolean {
    return this.#hasRest;
  }

  /** Whether the stream has ended: what can still be taken is here, and a fill waits for nothing. */
  get hasEnded(): boolean {
    return this.#buffer.hasEnded;
  }

  /** How many bytes of memory the buffer takes. */
  get bufferBytes(): number {
    return this.#buffer.memoryBytes;
  }

  /**
   * Takes the next line, if all of it is here; `undefined` means that only
   * {@linkcode LineReader.fill} can bring more. Never waits.
   */
  take(): Line | undefined {
    const newline = this.#findNewline();
    if (newline >= 0) return this.#takeTo(newline, newline + 1);
    this.#dropOversize();
    return this.#buffer.hasEnded ? this.#takeRest() : undefined;
  }

  /**
   * Takes the next line, if all of it is here and is an integer of up to nine digits, written as
   * `String` writes it: from its bytes, without a text being made. Else it takes nothing, and
   * {@linkcode LineReader.take} tells what is there. Never waits.
   *
   * @internal
   */
  takeInteger(): number | undefined {
    const { bytes, start, end } = this.#buffer;
    const last = Math.min(end, start + LONGEST_INTEGER);
    let newline = start;
    while (newline < last && bytes[newline] !== LF) newline++;
    if (newline === last || this.#dropped !== undefined) return undefined;
    const isCrlf = newline > start && bytes[newline - 1] === CR;
    const size = newline - start - (isCrlf ? 1 : 0);
    const value = size > this.#maxLineBytes ? undefined : decodeInteger(bytes, start, start + size);
    if (value === undefined) return undefined;
    this.#pass(newline + 1);
    return value;
  }

  /**
   * Waits for more bytes. Resolves to `false` when the stream has ended and every line was taken,
   * and rejects as the source does. While it waits, another call waits for the same bytes. Called
   * before {@linkcode LineReader.take} has nothing more, it reads ahead, as far as the buffer goes.
   */
  async fill(): Promise<boolean> {
    return await this.#buffer.fill() || this.#hasRest;
  }

  /**
   * Waits as {@linkcode LineReader.fill} does, and tells `watcher` then, never at once: with an error
   * where that rejects. It makes no promise.
   *
   * @internal
   */
  fillThen(watcher: FillWatcher): void {
    this.#buffer.fillThen(watcher);
  }

  /** Waits for the next line; `undefined` after the last one. */
  async readLine({ signal }: ReadLineOptions = {}): Promise<Line | undefined> {
    for (;;) {
      const line = this.take();
      if (line !== undefined) return line;
      if (!await unlessAborted(this.fill(), signal, "a line")) return undefined;
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
      this.#decoder.clear();
      this.#goTo(this.#buffer.end);
      this.#dropped = undefined;
    } while (await this.fill());
  }

  #findNewline(): number {
    const { bytes, start, end } = this.#buffer;
    const from = start + this.#scanned;
    if (from === end) return -1;
    const newline = bytes.indexOf(LF, from);
    this.#scanned = newline < 0 ? end - start : 0;
    return newline;
  }

  /** Takes the line that ends at `end`; the one after it starts at `next`. */
  #takeTo(end: number, next: number): Line {
    const buffer = this.#buffer;
    const start = buffer.start;
    const last = end > start ? buffer.bytes[end - 1] : this.#dropped?.last;
    const isCrlf = next > end && last === CR;
    const size = end - start + (this.#dropped?.bytes ?? 0) - (isCrlf ? 1 : 0);
    if (this.#dropped !== undefined || size > this.#maxLineBytes) {
      const first = this.#dropped?.first ?? buffer.bytes[start]!;
      this.#dropped = undefined;
      this.#pass(next);
      return { kind: "too-long", bytes: size, first };
    }
    const text = this.#decoder.take(buffer.bytes, start, start + size, next);
    this.#goTo(next);
    return text ?? { kind: "invalid-utf-8", bytes: size, first: buffer.bytes[start]! };
  }

  /** At the end of the stream: what has no line end, if there is any. */
  #takeRest(): Line | undefined {
    if (!this.#hasRest) return undefined;
    return this.#takeTo(this.#buffer.end, this.#buffer.end);
  }

  get #hasRest(): boolean {
    return this.#buffer.size > 0 || this.#dropped !== undefined;
  }

  /** Drops what is here of a line that is too long already, so that the buffer need not hold it. */
  #dropOversize(): void {
    const { bytes, size, end } = this.#buffer;
    const last = bytes[end - 1]; // a CR may turn out to be half of a CRLF
    const isOversize = size > this.#maxLineBytes + (last === CR ? 1 : 0);
    if (size === 0 || last === undefined || !(isOversize || this.#dropped)) return;
    const first = this.#dropped?.first ?? bytes[end - size]!;
    this.#dropped = { bytes: (this.#dropped?.bytes ?? 0) + size, last, first };
    this.#pass(end);
  }

  /** Goes past a line, or what is here of one, of which no text is made. */
  #pass(next: number): void {
    this.#decoder.pass(next - this.#buffer.start);
    this.#goTo(next);
  }

  #goTo(next: number): void {
    this.#buffer.start = next;
    this.#scanned = 0;
  }
}
