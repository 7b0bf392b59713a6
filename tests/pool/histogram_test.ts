import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Histogram,
  HistogramRecorder,
  histogramSince,
  mergeHistograms,
  quantileMs,
} from "../../src/pool/stats/histogram.ts";

/** What the documentation states, and a hair for the rounding of a sum. */
const ERROR = 0.008;
const HAIR = 1e-9;

const durations = fc.array(
  fc.oneof(fc.double({ min: 0.001, max: 1e8, noNaN: true }), fc.constantFrom(0.5, 1, 2, 1024)),
  { maxLength: 100 },
);

function histogramOf(values: readonly number[]): Histogram {
  const recorder = new HistogramRecorder();
  for (const ms of values) recorder.record(ms);
  return recorder.snapshot();
}

function assertNear(actual: number, expected: number, error: number): void {
  const distance = Math.abs(actual - expected);
  assert(distance <= expected * error + HAIR, `${actual} is not near ${expected}`);
}

Deno.test("A quantile is within 0.8 % of the one that sorting would find", () => {
  fc.assert(fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
    const sorted = values.toSorted((a, b) => a - b);
    const exact = sorted[Math.max(Math.ceil(sorted.length * share), 1) - 1] ?? 0;
    assertNear(quantileMs(histogramOf(values), share), exact, ERROR);
  }));
});

Deno.test("A histogram keeps the count, the sum and the longest", () => {
  fc.assert(fc.property(durations, (values) => {
    const { count, sumMs, maxMs, buckets } = histogramOf(values);
    assertEquals([count, maxMs], [values.length, Math.max(0, ...values)]);
    assertNear(sumMs, values.reduce((sum, ms) => sum + ms, 0), HAIR);
    assertEquals(buckets.reduce((sum, [, held]) => sum + held, 0), count);
    assertEquals(buckets, buckets.toSorted(([a], [b]) => a - b));
  }));
});

Deno.test("Merged histograms are the one of all their durations", () => {
  fc.assert(fc.property(fc.array(durations, { maxLength: 4 }), (parts) => {
    const merged = mergeHistograms(parts.map(histogramOf));
    const whole = histogramOf(parts.flat());
    assertEquals({ ...merged, sumMs: 0 }, { ...whole, sumMs: 0 });
    assertNear(merged.sumMs, whole.sumMs, HAIR);
  }));
});

Deno.test("A difference of two snapshots is the histogram of what came between", () => {
  fc.assert(fc.property(durations, durations, (before, after) => {
    const since = histogramSince(histogramOf([...before, ...after]), histogramOf(before));
    const exact = histogramOf(after);
    assertEquals([since.count, since.buckets], [exact.count, exact.buckets]);
    assert(since.maxMs >= exact.maxMs && since.maxMs <= exact.maxMs * (1 + 2 * ERROR));
  }));
});

Deno.test("What is out of range counts as the shortest or the longest, and spoils no figure", () => {
  const { count, sumMs, buckets } = histogramOf([-5, 0, NaN, 1e-9, 1e300, Infinity]);
  assertEquals([count, buckets.length, sumMs], [6, 2, Infinity]);
  assertEquals(quantileMs(histogramOf([-5, 0]), 0.5), 0);
  assertEquals(quantileMs(histogramOf([]), 0.99), 0);
});

Deno.test("A histogram holds as much for a million durations as for a thousand", () => {
  const recorder = new HistogramRecorder();
  const spread = (i: number) => 2 ** (i % 1000 / 50);
  for (let i = 0; i < 1_000; i++) recorder.record(spread(i));
  const { buckets } = recorder.snapshot();
  for (let i = 0; i < 1_000_000; i++) recorder.record(spread(i));
  assertEquals(recorder.snapshot().buckets.length, buckets.length);
});
