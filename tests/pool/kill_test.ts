import { assert, assertEquals, assertLess } from "@std/assert";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { residentMb, until, workerThreads } from "./platform.ts";

/** How often a job burns and is stopped, and after how many of them the memory is level. */
const CYCLES = 30;
const WARM_UP = 10;

Deno.test("Thirty jobs that burn and are killed leave no thread and no growing memory", async () => {
  const threads = workerThreads().length;
  const stopMs: number[] = [];
  let memoryMb = 0;
  await Switch.run(async (sw) => {
    const pool = await openWorkers(sw);
    const burn = async () => {
      const outcome = await pool.submit("spin", "", { deadlineMs: 10, graceMs: 0 });
      assert(outcome.kind === "deadline", outcome.kind);
      assertEquals(outcome.stop.how, "killed");
      stopMs.push(outcome.stop.ms);
    };
    for (let i = 0; i < WARM_UP; i++) await burn();
    memoryMb = residentMb();
    for (let i = WARM_UP; i < CYCLES; i++) await burn();
    memoryMb = residentMb() - memoryMb;
    assertEquals((await pool.submit("fib", 10)).kind, "done");
  });
  await until(() => workerThreads().length <= threads);
  const [p50, p99] = [0.5, 0.99].map((share) => stopMs.sort((a, b) => a - b)[CYCLES * share | 0]!);
  console.log(
    `stopped after ${p50!.toFixed(1)} ms (median), ${p99!.toFixed(1)} ms (p99), ${
      memoryMb.toFixed(1)
    } MiB more after ${CYCLES - WARM_UP} kills`,
  );
  assertLess(p50!, 1_000);
  assertLess(memoryMb, 64);
});

async function openWorkers(sw: Switch): Promise<WorkerPool> {
  const jobs = await realEnv().fs.subtree(
    new URL("../../workers", import.meta.url).pathname.slice(1),
  );
  const options = { jobs, isolation: "worker", cores: 2, spares: 2, selfTest: false } as const;
  return await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, options);
}
