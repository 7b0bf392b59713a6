import { isAsyncChunks, Transferred } from "../../job/mod.ts";
import type { BoxedInput } from "../link/mod.ts";

/** A piece of an input, and the buffers that are handed over with it. */
export interface Piece {
  readonly chunk: unknown;
  readonly transfer?: readonly Transferable[] | undefined;
}

/**
 * The input of a request that its job pulls when it has begun: a stream, or a value whose buffers are
 * handed over. Until then nothing of it has left, so that a request whose lane dies can be moved.
 */
export class ChunkSource {
  readonly #source: AsyncIterable<unknown> | Iterable<unknown>;
  #iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;

  constructor(source: AsyncIterable<unknown> | Iterable<unknown>) {
    this.#source = source;
  }

  /** The next piece; `undefined` after the last. Rejects where the source fails. */
  async next(): Promise<Piece | undefined> {
    this.#iterator ??= iteratorOf(this.#source);
    const { done, value } = await this.#iterator.next();
    if (done) return undefined;
    return value instanceof Transferred
      ? { chunk: value.value, transfer: value.buffers }
      : { chunk: value };
  }

  /** Lets go of the source: nobody wants more. Never rejects. */
  async close(): Promise<void> {
    const iterator = this.#iterator ?? iteratorOf(this.#source);
    await Promise.try(() => iterator.return?.()).catch(() => {}); // its failure is nobody's now
  }
}

/** How a value goes to a job: in a box at once, or pulled by the job. */
export function boxInput(
  value: unknown,
  streams: boolean,
): { readonly input: BoxedInput; readonly source: ChunkSource | undefined } {
  const mode = streams ? { streams } : {};
  if (isAsyncChunks(value)) {
    return { input: { pull: "chunks", ...mode }, source: new ChunkSource(value) };
  }
  if (value instanceof Transferred) {
    return { input: { pull: "whole", ...mode }, source: new ChunkSource([value]) };
  }
  return { input: { value, ...mode }, source: undefined };
}

function iteratorOf(source: AsyncIterable<unknown> | Iterable<unknown>) {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}
