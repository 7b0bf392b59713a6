import { type ByteSource, byteSource, unlessAborted } from "../env/mod.ts";
import { decodeLine } from "./decode_line.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { ReadError, type ReadErrorCode } from "./read_error.ts";

/** Options for a {@linkcode BufReader}. */
export interface BufReaderOptions {
  /**
   * The most bytes that can be taken at once: the longest line, the largest block. What needs more
   * fails with a {@linkcode ReadError}, before it is all in memory.
   *
   * @default {65536}
   */
  readonly maxBytes?: number;
}

/** Options for what waits in a {@linkcode BufReader}. */
export interface ReadOptions {
  /** Gives the wait up; what was read and not taken stays for the next call. */
  readonly signal?: AbortSignal;
}

const LF = 10;
const CR = 13;

/**
 * Takes bytes apart: lines, blocks of a given length, runs of some kind, what must come next.
 *
 * A method that fails takes nothing, so that another can be tried; only {@linkcode BufReader.skip}
 * and {@linkcode BufReader.skipWhile} drop as they go. What fails says where, as a
 * {@linkcode ReadError}. As long as enough is here already, nothing waits and no signal is looked
 * at. One method at a time.
 *
 * For many lines of a peer that may send anything, a {@linkcode LineReader} is faster, and goes on
 * after a bad line. Also known as `Eio.Buf_read`.
 *
 * @example
 * ```ts
 * import { BufReader, byteSource } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new BufReader(byteSource("PUT 5\nhellobye\n"));
 * await reader.expect("PUT ");
 * const size = Number(await reader.line());
 * assertEquals(new TextDecoder().decode(await reader.take(size)), "hello");
 * assertEquals(await reader.line(), "bye");
 * assertEquals(await reader.atEnd(), true);
 * ```
 */
export class BufReader implements ByteSource {
  readonly #buffer: ReadBuffer;
  readonly #maxBytes: number;
  #consumed = 0;

  /** Make a reader of `source`, which nobody else reads. */
  constructor(source: ByteSource, { maxBytes = 65536 }: BufReaderOptions = {}) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
      throw new RangeError(
        `Cannot make a reader: maxBytes must be a positive integer, got ${maxBytes}`,
      );
    }
    this.#buffer = new ReadBuffer(source, maxBytes + "\r\n".length);
    this.#maxBytes = maxBytes;
  }

  /**
   * What `parser` makes of all of `input`. Rejects as the parser does, and where it leaves bytes.
   * Also known as `Buf_read.parse`.
   *
   * @example
   * ```ts
   * import { BufReader } from "@switchyard/switchyard";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const word = async (reader: BufReader) => (await reader.take(3)).length;
   * assertEquals(await BufReader.parse("abc", word), 3);
   * await assertRejects(() => BufReader.parse("abcd", word), Error, "Unexpected data");
   * ```
   */
  static async parse<T>(
    input: ByteSource | string | Uint8Array,
    parser: (reader: BufReader) => T | Promise<T>,
    options?: BufReaderOptions & ReadOptions,
  ): Promise<T> {
    const isData = typeof input === "string" || input instanceof Uint8Array;
    const reader = new BufReader(isData ? byteSource(input) : input, options);
    const value = await parser(reader);
    await reader.endOfInput(options);
    return value;
  }

  /** How many bytes were taken or skipped: the offset of the next one. */
  get consumedBytes(): number {
    return this.#consumed;
  }

  /** How many bytes were read and not taken. */
  get bufferedBytes(): number {
    return this.#buffer.size;
  }

  /** Waits until `count` bytes are here. Rejects where the input ends before. */
  async ensure(count: number, options?: ReadOptions): Promise<void> {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`Cannot read: the count must be a whole number, got ${count}`);
    }
    if (count > this.#maxBytes) throw this.#overLimit();
    while (this.#buffer.size < count) {
      if (!await this.#fill(options)) throw this.#unexpectedEnd();
    }
  }

  /** The next byte, which stays; `undefined` at the end. */
  async peek(options?: ReadOptions): Promise<number | undefined> {
    if (await this.atEnd(options)) return undefined;
    return this.#buffer.bytes[this.#buffer.start];
  }

  /** Takes the next byte, whatever it is. Rejects at the end. Also known as `Buf_read.uint8`. */
  async any(options?: ReadOptions): Promise<number> {
    await this.ensure(1, options);
    const byte = this.#buffer.bytes[this.#buffer.start]!;
    this.#consume(1);
    return byte;
  }

  /**
   * Takes these bytes, or the UTF-8 of this text, which must come next; rejects as soon as a byte
   * differs. Also known as `Buf_read.string` and `Buf_read.char`.
   */
  async expect(expected: string | Uint8Array, options?: ReadOptions): Promise<void> {
    const bytes = typeof expected === "string" ? new TextEncoder().encode(expected) : expected;
    if (bytes.length > this.#maxBytes) throw this.#overLimit();
    while (this.#startsLike(bytes) && this.#buffer.size < bytes.length) {
      if (!await this.#fill(options)) throw this.#unexpectedEnd();
    }
    if (!this.#startsLike(bytes)) throw this.#unexpected(bytes);
    this.#consume(bytes.length);
  }

  /** Takes `count` bytes. Rejects where the input ends before. */
  async take(count: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    await this.ensure(count, options);
    return this.#take(count);
  }

  /** Takes the bytes up to the first that `isWanted` refuses, or to the end; perhaps none. */
  async takeWhile(
    isWanted: (byte: number) => boolean,
    options?: ReadOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    let count = this.#countWhile(isWanted, 0);
    while (count === this.#buffer.size && await this.#fill(options)) {
      count = this.#countWhile(isWanted, count);
      if (count > this.#maxBytes) break;
    }
    if (count > this.#maxBytes) throw this.#overLimit();
    return this.#take(count);
  }

  /** Takes all that is left. */
  async takeAll(options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#buffer.size <= this.#maxBytes && await this.#fill(options));
    if (this.#buffer.size > this.#maxBytes) throw this.#overLimit();
    return this.#take(this.#buffer.size);
  }

  /**
   * Takes a line, without the LF or CRLF that ends it; a last line may have no end. Rejects at the
   * end of the input, and where the line is not UTF-8.
   */
  async line(options?: ReadOptions): Promise<string> {
    let end = this.#findNewline(0);
    while (end < 0) {
      const size = this.#buffer.size;
      if (size > this.#maxBytes + 1) throw this.#overLimit();
      if (!await this.#fill(options)) break;
      end = this.#findNewline(size);
    }
    if (end < 0 && this.#buffer.size === 0) throw this.#unexpectedEnd();
    return end < 0 ? this.#takeText(this.#buffer.size, 0) : this.#takeLine(end);
  }

  /** The lines that are left. Who stops early can go on with whatever comes next. */
  async *lines(options?: ReadOptions): AsyncGenerator<string, void, void> {
    while (!await this.atEnd(options)) yield await this.line(options);
  }

  /** Drops `count` bytes, however many. Rejects where the input ends before; it is all gone then. */
  async skip(count: number, options?: ReadOptions): Promise<void> {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`Cannot skip: the count must be a whole number, got ${count}`);
    }
    let left = count;
    while (left > this.#buffer.size) {
      left -= this.#consume(this.#buffer.size);
      if (!await this.#fill(options)) throw this.#unexpectedEnd();
    }
    this.#consume(left);
  }

  /** Drops the bytes up to the first that `isWanted` refuses, or to the end, and counts them. */
  async skipWhile(isWanted: (byte: number) => boolean, options?: ReadOptions): Promise<number> {
    let skipped = 0;
    do {
      skipped += this.#consume(this.#countWhile(isWanted, 0));
    } while (this.#buffer.size === 0 && await this.#fill(options));
    return skipped;
  }

  /** Whether everything was taken. Waits until that can be told. */
  async atEnd(options?: ReadOptions): Promise<boolean> {
    while (this.#buffer.size === 0) if (!await this.#fill(options)) return true;
    return false;
  }

  /** Waits for the end of the input, and rejects where there is more. */
  async endOfInput(options?: ReadOptions): Promise<void> {
    if (await this.atEnd(options)) return;
    throw this.#error("unexpected", `Unexpected data after parsing (at offset ${this.#consumed})`);
  }

  /**
   * Takes what is here into `buffer`, or what comes next: the reader as a source of the bytes that
   * are left, for {@linkcode copy} and whatever else reads one.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (buffer.length > 0 && await this.atEnd()) return null;
    const { bytes, start } = this.#buffer;
    const taken = bytes.subarray(start, start + buffer.length);
    buffer.set(taken);
    return this.#consume(taken.length);
  }

  /** Reads once more; false at the end. Keep the count before: a fill may move the bytes. */
  #fill({ signal }: ReadOptions = {}): Promise<boolean> {
    return unlessAborted(this.#buffer.fill(), signal, "bytes");
  }

  #consume(count: number): number {
    this.#buffer.start += count;
    this.#consumed += count;
    return count;
  }

  /** A copy, as the buffer is used again. */
  #take(count: number): Uint8Array<ArrayBuffer> {
    const { bytes, start } = this.#buffer;
    const taken = Uint8Array.from(bytes.subarray(start, start + count));
    this.#consume(count);
    return taken;
  }

  /** How many bytes are wanted, of which the first `known` are known to be. */
  #countWhile(isWanted: (byte: number) => boolean, known: number): number {
    const { bytes, start, size } = this.#buffer;
    let count = known;
    while (count < size && isWanted(bytes[start + count]!)) count++;
    return count;
  }

  /** Where the first line ends, from the start; there is no LF before `known`. */
  #findNewline(known: number): number {
    const { bytes, start } = this.#buffer;
    const newline = bytes.indexOf(LF, start + known);
    return newline < 0 ? -1 : newline - start;
  }

  #takeLine(end: number): string {
    const { bytes, start } = this.#buffer;
    const isCrlf = end > 0 && bytes[start + end - 1] === CR;
    return isCrlf ? this.#takeText(end - 1, 2) : this.#takeText(end, 1);
  }

  /** Takes `size` bytes as text, and the `endSize` bytes after them. */
  #takeText(size: number, endSize: number): string {
    if (size > this.#maxBytes) throw this.#overLimit();
    const { start } = this.#buffer;
    const text = decodeLine(this.#buffer.bytes, start, start + size);
    if (text === undefined) {
      const message = `Expected UTF-8 but got other bytes in the line at offset ${this.#consumed}`;
      throw this.#error("invalid-utf-8", message);
    }
    this.#consume(size + endSize);
    return text;
  }

  /** Whether what is here may be the beginning of `expected`, or begins with it. */
  #startsLike(expected: Uint8Array): boolean {
    const { bytes, start, size } = this.#buffer;
    const known = Math.min(size, expected.length);
    return expected.subarray(0, known).every((byte, i) => byte === bytes[start + i]);
  }

  #unexpected(expected: Uint8Array): ReadError {
    const { bytes, start } = this.#buffer;
    const got = bytes.subarray(start, Math.min(start + expected.length, this.#buffer.end));
    const message = `Expected ${quote(expected)} but got ${quote(got)} at offset ${this.#consumed}`;
    return this.#error("unexpected", message);
  }

  #unexpectedEnd(): ReadError {
    const offset = this.#consumed + this.#buffer.size;
    return new ReadError("end-of-input", offset, `Unexpected end of input at offset ${offset}`);
  }

  #overLimit(): ReadError {
    const limit = `Limit of maxBytes (${this.#maxBytes}) exceeded`;
    return this.#error("limit", `${limit} when reading at offset ${this.#consumed}`);
  }

  #error(code: ReadErrorCode, message: string): ReadError {
    return new ReadError(code, this.#consumed, message);
  }
}

function quote(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}
