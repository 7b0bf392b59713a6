import type { ByteSource } from "./bytes.ts";

/** The last bytes of a stream that is read to its end by and by. */
export class Tail {
  /** Resolves when the stream has ended or failed. Never rejects. */
  readonly ended: Promise<void>;
  readonly #limit: number;
  #bytes = new Uint8Array(0);

  /** Read `source`, and keep its last `limit` bytes. */
  constructor(source: ByteSource, limit: number) {
    this.#limit = limit;
    this.ended = this.#read(source).catch(() => {}); // what was read before is all there is
  }

  /** What was kept up to now, as UTF-8; a character that was cut at its beginning is left out. */
  get text(): string {
    let start = 0;
    while (start < 3 && isContinuation(this.#bytes[start])) start++;
    return new TextDecoder().decode(this.#bytes.subarray(start));
  }

  async #read(source: ByteSource): Promise<void> {
    const buffer = new Uint8Array(this.#limit);
    for (let count; (count = await source.read(buffer)) !== null;) {
      const bytes = new Uint8Array(this.#bytes.length + count);
      bytes.set(this.#bytes);
      bytes.set(buffer.subarray(0, count), this.#bytes.length);
      this.#bytes = bytes.slice(-this.#limit);
    }
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
