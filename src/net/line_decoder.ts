import { decodeLine, decodePlain } from "./decode_line.ts";

/**
 * So many bytes are decoded at once, at most: a line that is cut from the text of many keeps all of
 * it in memory.
 */
const MOST_AT_ONCE = 4096;

const LF = 10;

/**
 * Makes text of the lines of a buffer, which are taken in their order. Where several are there they
 * are decoded at once, and each is cut from the text.
 */
export class LineDecoder {
  /** Whole lines; those from `#at` on were not taken yet. */
  #text = "";
  #at = 0;
  /** So many of the next bytes cannot be decoded at once. */
  #singly = 0;

  /**
   * Takes the line that goes in `bytes` from `start` to `end`, and the next begins at `next`: its text,
   * `undefined` where it is no UTF-8.
   */
  take(bytes: Uint8Array, start: number, end: number, next: number): string | undefined {
    if (this.#at === this.#text.length) this.#decodeAhead(bytes, start, next);
    if (this.#text === "") {
      this.pass(next - start);
      return decodeLine(bytes, start, end);
    }
    const newline = this.#text.indexOf("\n", this.#at);
    const endLength = next - end; // one character for each of its bytes
    const line = this.#text.slice(this.#at, newline + 1 - endLength);
    this.#goTo(newline + 1);
    return line;
  }

  /** Goes past a line, of so many bytes with its end, that is not taken. */
  pass(bytes: number): void {
    if (this.#text === "") this.#singly = Math.max(this.#singly - bytes, 0);
    else this.#goTo(this.#text.indexOf("\n", this.#at) + 1);
  }

  /** Goes past whatever was decoded. */
  clear(): void {
    this.#goTo(this.#text.length);
    this.#singly = 0;
  }

  #goTo(at: number): void {
    this.#at = at;
    if (at < this.#text.length) return;
    this.#text = "";
    this.#at = 0;
  }

  /** Decodes the lines from `start` on, if there are more than the one before `next`. */
  #decodeAhead(bytes: Uint8Array, start: number, next: number): void {
    if (this.#singly > 0 || next === bytes.length) return;
    const most = Math.min(bytes.length, start + MOST_AT_ONCE);
    const end = bytes.lastIndexOf(LF, most - 1) + 1;
    if (end <= next) return;
    const text = decodePlain(bytes.subarray(start, end));
    if (text === undefined) this.#singly = end - start;
    else this.#text = text;
  }
}
