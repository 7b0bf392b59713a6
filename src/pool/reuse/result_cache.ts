import { sizeOf } from "./size_of.ts";

/** Options for the cache of results of a {@linkcode WorkerPool}. */
export interface CacheOptions {
  /** How long a result is given again, in milliseconds from when its run ended. */
  readonly ttlMs: number;

  /**
   * How many results are kept at most. The one that was least recently asked for goes first.
   *
   * @default {1_000}
   */
  readonly maxEntries?: number;

  /**
   * How many bytes the results and what they were asked with may take together, as far as can be
   * told.
   *
   * @default {16_777_216}
   */
  readonly maxBytes?: number;
}

/** A result that is kept. */
interface Entry {
  readonly result: unknown;
  readonly bytes: number;
  readonly endMs: number;
}

/** What an entry takes besides its key and its result, in bytes: about what V8 needs for it. */
const ENTRY_BYTES = 128;

/** Results for as long as they may be given again, in bounded memory. */
export class ResultCache {
  hits = 0;
  misses = 0;
  /** How many were dropped before their time, to make room. */
  evictions = 0;
  /** How many bytes the entries take together. */
  bytes = 0;

  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** Those that were asked for last are last: a Map keeps the order in which it was filled. */
  readonly #entries = new Map<string, Entry>();

  constructor({ ttlMs, maxEntries = 1_000, maxBytes = 16_777_216 }: CacheOptions) {
    check("ttlMs", ttlMs);
    check("maxEntries", maxEntries);
    check("maxBytes", maxBytes);
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** How many results are kept. */
  get entries(): number {
    return this.#entries.size;
  }

  /** A copy of the result that was kept for `key`, in a box, unless its time is over. */
  get(key: string, nowMs: number): { readonly result: unknown } | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#remove(key, entry);
    if (entry === undefined || nowMs >= entry.endMs) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.#add(key, entry);
    return { result: structuredClone(entry.result) };
  }

  /** Keeps a copy of a result. One whose size cannot be told, or that is larger than all may be, is not. */
  set(key: string, result: unknown, nowMs: number): void {
    const ownBytes = 2 * key.length + ENTRY_BYTES;
    const resultBytes = sizeOf(result, this.#maxBytes - ownBytes);
    if (resultBytes === undefined) return;
    const bytes = ownBytes + resultBytes;
    const former = this.#entries.get(key);
    if (former !== undefined) this.#remove(key, former);
    this.#add(key, { result: structuredClone(result), bytes, endMs: nowMs + this.#ttlMs });
    this.#makeRoom(nowMs);
  }

  #makeRoom(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.bytes <= this.#maxBytes) return;
      this.#remove(key, entry);
      if (nowMs < entry.endMs) this.evictions++;
    }
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.bytes += entry.bytes;
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.bytes -= entry.bytes;
  }
}

function check(name: keyof CacheOptions, value: number): void {
  if (value > 0) return;
  throw new RangeError(`Cannot cache results: ${name} must be above 0, got ${value}`);
}
