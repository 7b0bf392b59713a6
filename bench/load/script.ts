import type { Exchange } from "./plan.ts";

/** How many lines one write takes at most. */
export const MAX_BATCH = 64;

const encoder = new TextEncoder();

/** Requests and their replies as bytes: a cycle that starts again where it has ended. */
export class Script {
  /** How many exchanges the cycle has. */
  readonly length: number;
  /** The right replies, one after the other, each with its newline. */
  readonly replies: Uint8Array<ArrayBuffer>;
  /** Where each reply starts. */
  readonly replyStarts: readonly number[];
  readonly #requests: Uint8Array<ArrayBuffer>;
  readonly #requestStarts: readonly number[];

  constructor(exchanges: readonly Exchange[]) {
    this.length = exchanges.length;
    const replies = exchanges.map(({ reply }) => `${reply}\n`);
    this.replies = encoder.encode(replies.join(""));
    this.replyStarts = startsOf(replies);
    // Longer than the cycle by a batch: so any batch is one piece of it.
    const lines = Array.from({ length: this.length + MAX_BATCH }, (_, i) => {
      return `${exchanges[i % this.length]!.line}\n`;
    });
    this.#requests = encoder.encode(lines.join(""));
    this.#requestStarts = startsOf(lines);
  }

  /** So many requests from a place of the cycle, at most {@linkcode MAX_BATCH}. */
  requests(from: number, count: number): Uint8Array<ArrayBuffer> {
    const starts = this.#requestStarts;
    return this.#requests.subarray(starts[from], starts[from + count]);
  }
}

/** Where each of the texts starts when they are joined, and where the last ends. */
function startsOf(texts: readonly string[]): number[] {
  let at = 0;
  return [0, ...texts.map((text) => at += encoder.encode(text).length)];
}
