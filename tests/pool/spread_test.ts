import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Switch } from "../../src/switch/mod.ts";
import { type RunTime, SlotPool } from "./slot_pool.ts";

const LESSON_RUNS = 60;
const RUNS = 100;
const CORES = 2;

/** A run of a job: a core kept it waiting, or it burned all the time, or what is in between. */
const run = fc.record({
  ms: fc.constantFrom(0.05, 0.5, 1, 2.1, 9, 40),
  share: fc.constantFrom(0, 0.01, 0.5, 1),
}).map(({ ms, share }): RunTime => ({ ms, cpuMs: ms * share }));

Deno.test("Jobs of a millisecond keep all cores busy at every depth, whatever ran before", () => {
  const history = fc.array(run, { minLength: 1, maxLength: 8 });
  const depths = fc.integer({ min: CORES, max: 64 });
  return fc.assert(
    fc.asyncProperty(history, depths, (history, depth) =>
      Switch.run(async (sw) => {
        const pool = new SlotPool(CORES);
        await pool.open(sw);
        pool.runAll(history, 1);
        pool.runAll(milliseconds(LESSON_RUNS), depth);
        const tookMs = pool.runAll(milliseconds(RUNS), depth);
        assert(tookMs < RUNS / CORES * 1.25, `${RUNS} took ${tookMs} ms: ${pool.runsByLane}`);
      })),
    { numRuns: 40 },
  );
});

Deno.test("Tiny jobs go to one lane, and wake no other; longer ones go to as many as there are cores", async () => {
  for (const [ms, lanes] of [[0.001, 1], [0.05, CORES]] as const) {
    await Switch.run(async (sw) => {
      const pool = new SlotPool(CORES);
      await pool.open(sw);
      const same = (count: number) => Array.from({ length: count }, () => ({ ms }));
      pool.runAll(same(LESSON_RUNS), 1);
      const before = pool.runsByLane;
      pool.runAll(same(RUNS), 64);
      const used = pool.runsByLane.filter((runs, lane) => runs > before[lane]!);
      assertEquals(used.length, lanes, `${ms} ms: ${pool.runsByLane}`);
    });
  }
});

function milliseconds(count: number): RunTime[] {
  return Array.from({ length: count }, () => ({ ms: 1 }));
}
