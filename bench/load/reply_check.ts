import type { Script } from "./script.ts";

const NEWLINE = 10;

/**
 * Holds the replies of one connection against its script, byte by byte and without decoding. A reply
 * that is wrong, or out of its order, is thrown as an error that quotes it.
 */
export class ReplyCheck {
  readonly #script: Script;
  /** How many bytes of the cycle have come. */
  #at = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  /** Takes what was received, the first `count` bytes of a buffer, and returns how many lines ended. */
  take(bytes: Uint8Array, count: number): number {
    const { replies } = this.#script;
    let lines = 0;
    let at = this.#at;
    for (let i = 0; i < count; i++) {
      const byte = bytes[i]!;
      if (byte !== replies[at]) throw this.#wrong(at, bytes.subarray(i, count));
      if (byte === NEWLINE) lines++;
      if (++at === replies.length) at = 0;
    }
    this.#at = at;
    return lines;
  }

  #wrong(at: number, rest: Uint8Array): Error {
    const { replies, replyStarts } = this.#script;
    const line = replyStarts.findLastIndex((start) => start <= at);
    const [start, end] = [replyStarts[line]!, replyStarts[line + 1]!];
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split("\n")[0]!;
    const got = text(replies.subarray(start, at)) + text(rest);
    const wanted = text(replies.subarray(start, end));
    return new Error(`Cannot measure a server that is wrong: expected "${wanted}", got "${got}"`);
  }
}
