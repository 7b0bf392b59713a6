import { Buffer } from "node:buffer";
import type { ByteSource } from "../env/mod.ts";

/** The buffer of a stream that has nothing to say. Most requests fit. */
const SMALL_BUFFER_BYTES = 1024;

/** The buffer of a stream that filled the small one: few reads for much data. */
const LARGE_BUFFER_BYTES = 65536;

const NO_BYTES = new Uint8Array(0);

/**
 * The bytes that were read from a source and not taken yet: those of `bytes` from `start` on. Who
 * takes some moves `start`. Filling may move the bytes, so keep no offset but from `start`.
 *
 * No more is held than is asked for, or 64 KiB; an idle buffer takes 1 KiB.
 */
export class ReadBuffer {
  /** The memory, up to `end`. */
  bytes: Uint8Array = NO_BYTES;
  /** The memory again, all of it, for decoding. */
  decodable: Buffer = Buffer.from(NO_BYTES.buffer);
  start = 0;
  end = 0;
  /** Whether the source has ended: there is no more than what is here. */
  hasEnded = false;

  readonly #source: ByteSource;
  readonly #mostBytes: number;
  #memory = NO_BYTES;
  #wantsLarge = false;
  #filling: Promise<boolean> | undefined;

  /** Make a buffer of `source` for users who may need so many bytes at once. */
  constructor(source: ByteSource, mostBytes: number) {
    this.#source = source;
    this.#mostBytes = Math.max(LARGE_BUFFER_BYTES, mostBytes);
  }

  /** How many bytes are here. */
  get size(): number {
    return this.end - this.start;
  }

  /** How many bytes of memory they take. */
  get memoryBytes(): number {
    return this.#memory.length;
  }

  /**
   * Reads once. False where the source has ended; true also where the memory is full. Meanwhile
   * another call waits for the same bytes. Rejects as the source does.
   */
  fill(): Promise<boolean> {
    return this.#filling ??= this.#fill().finally(() => this.#filling = undefined);
  }

  async #fill(): Promise<boolean> {
    if (this.hasEnded) return false;
    this.#makeRoom();
    const room = this.#memory.subarray(this.end);
    if (room.length === 0) return true; // who reads ahead has enough to take
    const count = await this.#source.read(room);
    this.hasEnded = count === null;
    if (count === null) return false;
    this.#wantsLarge = count === room.length;
    this.end += count;
    this.bytes = this.#memory.subarray(0, this.end);
    return true;
  }

  /**
   * Makes the memory small when nothing is in it, larger when it is full, and free at its end.
   * Keep the moves rare: a byte is moved once at most, and once for each doubling.
   */
  #makeRoom(): void {
    const size = this.#sizeFor(this.size);
    const isSame = size === this.#memory.length;
    if (isSame && (this.start === 0 || this.end < size / 2)) return;
    const memory = isSame ? this.#memory : new Uint8Array(size);
    memory.set(this.#memory.subarray(this.start, this.end));
    this.#memory = memory;
    this.decodable = Buffer.from(memory.buffer);
    this.end = this.size;
    this.start = 0;
    this.bytes = memory.subarray(0, this.end);
  }

  #sizeFor(held: number): number {
    const least = this.#wantsLarge ? LARGE_BUFFER_BYTES : SMALL_BUFFER_BYTES;
    const size = held === 0 && !this.#wantsLarge ? least : Math.max(this.#memory.length, least);
    return held < size ? size : Math.min(size * 2, this.#mostBytes);
  }
}
