/**
 * How many durations fell where, as plain data. A bucket spans a 64th of a doubling, so that any
 * figure made of a histogram is within 0.8 % of the truth, from a microsecond up to 37 hours; what
 * is shorter or longer counts as these.
 */
export interface Histogram {
  /** How many durations there were. */
  readonly count: number;

  /** All of them together, in milliseconds. */
  readonly sumMs: number;

  /** The longest, in milliseconds: exactly, or within 0.8 % where histograms were subtracted. */
  readonly maxMs: number;

  /** The buckets that hold any, the shortest first: below how many milliseconds, and how many. */
  readonly buckets: readonly (readonly [belowMs: number, count: number])[];
}

/** A histogram of nothing. */
export const EMPTY_HISTOGRAM: Histogram = { count: 0, sumMs: 0, maxMs: 0, buckets: [] };

const BITS = 6;
const PER_DOUBLING = 1 << BITS;
const LEAST_MS = 2 ** -10;
const DOUBLINGS = 37;
const LAST = DOUBLINGS * PER_DOUBLING - 1;

// A float's bits are its exponent and then its mantissa: their first digits are the bucket.
const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Int32Array(FLOAT.buffer);
const SHIFT = 23 - BITS;
const BASE = bitsOf(LEAST_MS) >> SHIFT;

/** Counts durations: each costs some 20 ns, and memory only where none of its size was before. */
export class HistogramRecorder {
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;
  readonly #rows = new Array<Float64Array | undefined>(DOUBLINGS).fill(undefined);

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Counts a duration. One that is negative counts as 0. */
  record(ms: number): void {
    this.#count++;
    if (ms > 0) this.#sumMs += ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
    const bucket = bucketOf(ms);
    const row = this.#rows[bucket >> BITS] ??= new Float64Array(PER_DOUBLING);
    row[bucket & (PER_DOUBLING - 1)]!++;
  }

  /** What was counted until now. */
  snapshot(): Histogram {
    const buckets: [number, number][] = [];
    for (const [index, row] of this.#rows.entries()) {
      row?.forEach((count, i) => {
        if (count > 0) buckets.push([startOf(index * PER_DOUBLING + i + 1), count]);
      });
    }
    return { count: this.#count, sumMs: this.#sumMs, maxMs: this.#maxMs, buckets };
  }
}

/**
 * The duration that a share of all did not exceed, in milliseconds: `quantileMs(wait, 0.99)` is the
 * 99th percentile. It is within 0.8 % of the truth, and 0 where nothing was counted.
 *
 * @example
 * ```ts
 * import { quantileMs } from "@switchyard/switchyard";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const buckets = [[1.015625, 98], [32.5, 2]] as const;
 * const wait = { count: 100, sumMs: 162.4, maxMs: 32.2, buckets };
 * assertAlmostEquals(quantileMs(wait, 0.5), 1, 0.008);
 * assertAlmostEquals(quantileMs(wait, 0.99), 32.2, 0.25);
 * ```
 */
export function quantileMs({ count, maxMs, buckets }: Histogram, share: number): number {
  let rest = Math.max(Math.ceil(count * share), 1);
  for (const [belowMs, held] of buckets) {
    rest -= held;
    if (rest <= 0) return Math.min((startOf(boundary(belowMs) - 1) + belowMs) / 2, maxMs);
  }
  return maxMs;
}

/** What several histograms hold together. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  return histograms.reduce((all, one) => ({
    count: all.count + one.count,
    sumMs: all.sumMs + one.sumMs,
    maxMs: Math.max(all.maxMs, one.maxMs),
    buckets: combine(all.buckets, one.buckets, (a, b) => a + b),
  }), EMPTY_HISTOGRAM);
}

/** What came to a histogram after an earlier snapshot of the same. */
export function histogramSince(now: Histogram, previous: Histogram): Histogram {
  const buckets = combine(now.buckets, previous.buckets, (a, b) => a - b);
  return {
    count: now.count - previous.count,
    sumMs: now.sumMs - previous.sumMs,
    maxMs: Math.min(buckets.at(-1)?.[0] ?? 0, now.maxMs),
    buckets,
  };
}

/** Goes through two lists of buckets at once, and leaves out those that come to nothing. */
function combine(
  left: Histogram["buckets"],
  right: Histogram["buckets"],
  together: (left: number, right: number) => number,
): Histogram["buckets"] {
  const counts = new Map(left.map(([belowMs, count]) => [belowMs, together(count, 0)]));
  for (const [belowMs, count] of right) {
    counts.set(belowMs, together(counts.get(belowMs) ?? 0, count));
  }
  return [...counts].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
}

function bucketOf(ms: number): number {
  return Math.min(Math.max(boundary(ms), 0), LAST);
}

/** Which bucket starts at `ms`, or holds it. */
function boundary(ms: number): number {
  return (bitsOf(ms) >> SHIFT) - BASE;
}

/** Where a bucket starts, in milliseconds. */
function startOf(bucket: number): number {
  FLOAT_BITS[0] = (bucket + BASE) << SHIFT;
  return FLOAT[0]!;
}

function bitsOf(ms: number): number {
  FLOAT[0] = ms;
  return FLOAT_BITS[0]!;
}
