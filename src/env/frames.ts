import { deserialize, serialize } from "node:v8";

/** The longest message, a result among them, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What goes before each message: its length, in bytes. */
const HEADER_BYTES = 4;

/**
 * A message as bytes: its length, and what V8 makes of it. All that a structured clone keeps is
 * kept: dates, maps, bytes, `undefined`, NaN, one object that is there twice. Throws where it cannot
 * be cloned, or is longer than 64 MiB.
 */
export function encodeFrame(message: unknown): Uint8Array {
  const body = serialize(message);
  if (body.length > MAX_BYTES) throw tooLong(body.length);
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Puts messages together from the chunks in which they arrive, wherever those are cut. */
export class FrameReader {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /**
   * The messages that are complete with this chunk, in order. Throws a RangeError where one is
   * longer than 64 MiB, and an error of V8's where it is none: then the rest cannot be read either.
   */
  *push(chunk: Uint8Array): Iterable<unknown> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Put together once for each message, not for each chunk of one.
    for (let size = this.#size(); size <= this.#length; size = this.#size()) {
      const bytes = this.#join();
      this.#keep(bytes.subarray(size));
      // A copy: what was cloned may be a view, and would hold on to all that came with it.
      yield deserialize(bytes.slice(HEADER_BYTES, size));
    }
  }

  /** How many bytes the next message has with its header; not finite until that is known. */
  #size(): number {
    if (this.#length < HEADER_BYTES) return Infinity;
    const head = this.#chunks[0]!.length < HEADER_BYTES ? this.#join() : this.#chunks[0]!;
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length > MAX_BYTES) throw tooLong(length);
    return HEADER_BYTES + length;
  }

  #join(): Uint8Array {
    if (this.#chunks.length === 1) return this.#chunks[0]!;
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#keep(bytes);
    return bytes;
  }

  #keep(bytes: Uint8Array): void {
    this.#chunks.splice(0, Infinity, bytes);
    this.#length = bytes.length;
  }
}

function tooLong(length: number): RangeError {
  return new RangeError(
    `Cannot send a message of ${length} bytes between processes: the limit is ${MAX_BYTES}`,
  );
}
