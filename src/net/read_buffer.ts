import type { ByteReceiver, ByteSource } from "../env/mod.ts";

/** The buffer of a stream that has nothing to say. Most requests fit. */
const SMALL_BUFFER_BYTES = 1024;

/** The buffer of a stream that filled the small one: few reads for much data. */
const LARGE_BUFFER_BYTES = 65536;

const NO_BYTES = new Uint8Array(0);

/**
 * Is told that a fill has come to its end, with an error where it has failed. An object and not a
 * function: a function that is kept for the next call outlives the collections of young objects, and
 * whoever it belongs to with it.
 */
export interface FillWatcher {
  filled(error?: unknown): void;
}

/**
 * The bytes that were read from a source and not taken yet: those of `bytes` from `start` on. Who
 * takes some moves `start`. Filling may move the bytes, so keep no offset but from `start`.
 *
 * No more is held than is asked for, or 64 KiB, and what one read brings. An idle buffer takes 1 KiB,
 * or nothing where the source hands its own bytes over.
 */
export class ReadBuffer implements ByteReceiver {
  /** The memory, up to `end`. */
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  start = 0;
  end = 0;
  /** Whether the source has ended: there is no more than what is here. */
  hasEnded = false;
  /** How many bytes the last read has brought. */
  lastBytes = 0;

  readonly #source: ByteSource;
  readonly #mostBytes: number;
  #memory: Uint8Array<ArrayBuffer> = NO_BYTES;
  #wantsLarge = false;
  #filling: Promise<boolean> | undefined = undefined;
  #watcher: FillWatcher | undefined = undefined;

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
    return this.#filling ??= new Promise<boolean>((resolve, reject) => {
      const filled = (error?: unknown) => {
        this.#filling = undefined;
        if (error === undefined) resolve(!this.hasEnded);
        else reject(error);
      };
      this.fillThen({ filled });
    });
  }

  /** Reads once, as `fill` does, without a promise where the source can; never calls back at once. */
  fillThen(watcher: FillWatcher): void {
    const before = this.#watcher;
    this.#watcher = before === undefined ? watcher : both(before, watcher);
    if (before !== undefined) return; // the same bytes will do
    if (this.hasEnded) this.#tellSoon();
    else if (this.#source.receive === undefined) this.#pull();
    else this.#push();
  }

  received(bytes: Uint8Array<ArrayBuffer>): void {
    this.lastBytes = bytes.length;
    if (this.size === 0) this.#hold(bytes, 0, bytes.length);
    else this.#append(bytes);
    this.#tell();
  }

  ended(): void {
    this.hasEnded = true;
    this.#tell();
  }

  failed(error: unknown): void {
    this.#tell(error);
  }

  #tell(error?: unknown): void {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    watcher?.filled(error);
  }

  #tellSoon(error?: unknown): void {
    queueMicrotask(() => this.#tell(error));
  }

  /** Has the source hand its bytes over. Meanwhile an empty buffer holds no memory. */
  #push(): void {
    if (this.size === 0) this.#hold(NO_BYTES, 0, 0);
    if (this.size >= this.#mostBytes) return this.#tellSoon();
    try {
      this.#source.receive!(this);
    } catch (error) {
      this.#tellSoon(error);
    }
  }

  /** Reads into memory of its own. */
  async #pull(): Promise<void> {
    try {
      this.#makeRoom();
      const room = this.#memory.subarray(this.end);
      if (room.length > 0) this.#grow(await this.#source.read(room), room.length);
      else await undefined; // who reads ahead has enough to take
    } catch (error) {
      return this.#tell(error);
    }
    this.#tell();
  }

  #grow(count: number | null, room: number): void {
    this.hasEnded = count === null;
    if (count === null) return;
    this.lastBytes = count;
    this.#wantsLarge = count === room;
    this.end += count;
    this.bytes = this.#memory.subarray(0, this.end);
  }

  /**
   * Puts bytes behind those that are here. A byte is moved once for each doubling, which goes no
   * further than what may be needed: more is asked for only where less than that is here.
   */
  #append(bytes: Uint8Array): void {
    const { size } = this;
    const needed = size + bytes.length;
    if (this.end + bytes.length > this.#memory.length) {
      const memory = new Uint8Array(Math.max(needed, Math.min(2 * needed, this.#mostBytes)));
      memory.set(this.bytes.subarray(this.start, this.end));
      this.#hold(memory, 0, size);
    }
    this.#memory.set(bytes, this.end);
    this.end += bytes.length;
    this.bytes = this.#memory.subarray(0, this.end);
  }

  #hold(memory: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    this.#memory = memory;
    this.start = start;
    this.end = end;
    this.bytes = end === memory.length ? memory : memory.subarray(0, end);
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
    const held = this.size;
    memory.set(this.#memory.subarray(this.start, this.end));
    this.#hold(memory, 0, held);
  }

  #sizeFor(held: number): number {
    const least = this.#wantsLarge ? LARGE_BUFFER_BYTES : SMALL_BUFFER_BYTES;
    const size = held === 0 && !this.#wantsLarge ? least : Math.max(this.#memory.length, least);
    return held < size ? size : Math.min(size * 2, this.#mostBytes);
  }
}

function both(first: FillWatcher, second: FillWatcher): FillWatcher {
  return {
    filled(error) {
      first.filled(error);
      second.filled(error);
    },
  };
}
