/**
 * The authority to draw numbers: for jitter, samples, a place to begin. They follow from a seed, so
 * whoever has seen enough of them knows the next; what must not be guessed comes from a
 * {@linkcode SecureRandom}.
 */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;

  /** A whole number from 0 (included) to `limit` (excluded). */
  below(limit: number): number;
}

/** The authority to draw what nobody can guess: tokens, keys, names of temporary things. */
export interface SecureRandom {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;

  /** A random UUID (version 4). */
  uuid(): string;
}

/**
 * Random numbers that are the same for the same seed, a whole number of 32 bits (mulberry32).
 *
 * @example
 * ```ts
 * import { seededRandom } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(seededRandom(7).next(), seededRandom(7).next());
 * ```
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
