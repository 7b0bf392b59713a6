// @ts-check
/**
 * How fast is a pool? A closed loop: so many jobs are under way at a time, and when one has ended
 * the next is submitted.
 *
 * @param {() => Promise<unknown>} submit
 * @param {{ depth: number, ms: number }} shape
 * @returns {Promise<import("./rival.d.ts").Rate>}
 */
export async function rateOf(submit, { depth, ms }) {
  /** @type {number[]} */
  const latencies = [];
  const started = performance.now();
  const end = started + ms;
  const loop = async () => {
    for (let now = started; now < end;) {
      const sent = performance.now();
      await submit();
      now = performance.now();
      latencies.push(now - sent);
    }
  };
  await Promise.all(Array.from({ length: depth }, loop));
  const seconds = (performance.now() - started) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const at = (/** @type {number} */ share) =>
    (sorted[Math.floor(sorted.length * share)] ?? 0) * 1000;
  return { perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99) };
}
