import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { type Model, simulate } from "../../bench/scale/simulate.ts";

const MODEL: Model = {
  acceptors: 1,
  lanes: 4,
  ioUs: 10,
  laneUs: 5,
  jobUs: 0,
  perSecond: Infinity,
};

/** Numbers that look random, and are the same each time. */
function random(): () => number {
  let state = 1;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}

Deno.test("Throughput is that of the acceptors or of the lanes, whichever is less", () => {
  const integer = fc.integer({ min: 1, max: 8 });
  const us = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(integer, us, us, us, (share, ioUs, laneUs, jobUs) => {
      const model = { ...MODEL, lanes: share, ioUs, laneUs, jobUs };
      const { perSecond } = simulate(model, 4000, random());
      const limit = Math.min(1e6 / ioUs, share * 1e6 / (laneUs + jobUs));
      assertAlmostEquals(perSecond / limit, 1, 0.05);
    }),
    { numRuns: 20 },
  );
});

Deno.test("A request that meets nobody takes as long as its parts", () => {
  const { p50Us } = simulate({ ...MODEL, jobUs: 100, perSecond: 1 }, 100, random());
  assertAlmostEquals(p50Us, 10 + 5 + 100, 1);
});

Deno.test("At 80 % a queue of one server is as long as theory says", () => {
  // Visits of a fixed length at random times: the mean wait is load / (2 (1 - load)) visits.
  const model = { ...MODEL, lanes: 1, ioUs: 0, laneUs: 0, jobUs: 100, perSecond: 8000 };
  const { p50Us, p99Us } = simulate(model, 40_000, random());
  assertAlmostEquals(p50Us, 240, 40);
  assertAlmostEquals(p99Us, 1100, 250);
});

Deno.test("Two acceptors answer twice as many tiny jobs, and each has its share of the lanes", () => {
  const one = simulate({ ...MODEL, lanes: 15 }, 10_000, random()).perSecond;
  const two = simulate({ ...MODEL, lanes: 15, acceptors: 2 }, 10_000, random()).perSecond;
  assertAlmostEquals(two / one, 2, 0.1);
  assertEquals(Math.round(one), 100_000);
  const alone = { ...MODEL, acceptors: 2, lanes: 2, jobUs: 1000, perSecond: 500 };
  assertLess(simulate(alone, 4000, random()).p50Us, 1500);
});
