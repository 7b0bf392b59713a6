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
        pool.runAll(runsOf(1, LESSON_RUNS), depth);
        const tookMs = pool.runAll(runsOf(1, RUNS), depth);
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
      pool.runAll(runsOf(ms, LESSON_RUNS), 1);
      const before = pool.runsByLane;
      pool.runAll(runsOf(ms, RUNS), 64);
      const used = pool.runsByLane.filter((runs, lane) => runs > before[lane]!);
      assertEquals(used.length, lanes, `${ms} ms: ${pool.runsByLane}`);
    });
  }
});

Deno.test("All cores have work while short jobs are posted ahead to each, and only for so long", async () => {
  await Switch.run(async (sw) => {
    const pool = new SlotPool(CORES);
    await pool.open(sw);
    pool.runAll(runsOf(0.05, LESSON_RUNS), 1);
    const known = (count: number) => {
      pool.submitAll(runsOf(0.05, count));
      return pool.hasWorkFor(0.15);
    };
    assertEquals([known(0), known(5), known(5)], [false, false, true]);
    pool.pass(1);
    assertEquals(known(0), false);
  });
});

Deno.test("Cores have no work for any known time while what they run may take long", async () => {
  await Switch.run(async (sw) => {
    const pool = new SlotPool(CORES);
    await pool.open(sw);
    pool.runAll(runsOf(40, LESSON_RUNS / 10), 1);
    pool.submitAll(runsOf(40, 20));
    assertEquals(pool.hasWorkFor(0.15), false);
    pool.pass(400 + 40);
  });
});

Deno.test("A busy pool sets a timer for each of its rounds, and none that it takes back", async () => {
  await Switch.run(async (sw) => {
    const pool = new SlotPool(CORES);
    await pool.open(sw);
    pool.runAll(runsOf(0.05, LESSON_RUNS), 1);
    let timers = 0;
    const { clock } = pool;
    const set = clock.setTimer.bind(clock);
    clock.setTimer = (ms, fn) => (timers++, set(ms, fn));
    for (let burst = 0; burst < RUNS; burst++) {
      pool.submitAll(runsOf(0.05, 8));
      pool.pass(1);
    }
    const rounds = RUNS / 2; // of two milliseconds
    assert(timers <= rounds + 4, `${timers} timers in ${rounds} rounds`);
  });
});

function runsOf(ms: number, count: number): RunTime[] {
  return Array.from({ length: count }, () => ({ ms }));
}
