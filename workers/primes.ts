import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

/** How many numbers are sieved at a time: small enough to stay in the processor's cache. */
const SEGMENT = 1 << 17;

/** The largest n: about ten seconds of work, and primes below its root fit into a small list. */
const MAX = 10_000_000_000;

export default defineJob({
  name: "primes",
  summary: `How many primes there are up to n (at most ${MAX}), by a sieve`,
  pure: true,
  takes: "a whole number",
  examples: ["100", "1000000"],
  input: v.pipe(v.number("Expected a whole number"), v.safeInteger(), v.maxValue(MAX)),
  parse(text) {
    if (!/^\s*-?\d+\s*$/.test(text)) throw new SyntaxError("Expected a whole number");
    return Number(text);
  },
  run(n, { check }) {
    const small = primesUpTo(Math.floor(Math.sqrt(Math.max(n, 0))));
    let count = 0;
    for (let low = 2; low <= n; low += SEGMENT) {
      check();
      count += countPrimes(low, Math.min(low + SEGMENT - 1, n), small);
    }
    return count;
  },
});

function primesUpTo(n: number): number[] {
  const composite = new Uint8Array(n + 1);
  const primes: number[] = [];
  for (let i = 2; i <= n; i++) {
    if (composite[i]) continue;
    primes.push(i);
    for (let multiple = i * i; multiple <= n; multiple += i) composite[multiple] = 1;
  }
  return primes;
}

/** How many of `low` to `high` none of the small primes divides. */
function countPrimes(low: number, high: number, small: readonly number[]): number {
  const composite = new Uint8Array(high - low + 1);
  for (const prime of small) {
    const first = Math.max(prime * prime, Math.ceil(low / prime) * prime);
    if (prime * prime > high) break;
    for (let multiple = first - low; multiple < composite.length; multiple += prime) {
      composite[multiple] = 1;
    }
  }
  return composite.reduce((count, mark) => count + 1 - mark, 0);
}
