import { assert, assertEquals, assertLess } from "@std/assert";
import { FakeLog, type Isolation, realEnv } from "../../src/env/mod.ts";
import { type MemoryKind, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";
import { residentMb, until } from "./platform.ts";

/** What a job takes too much of, and what its outcome says was full. */
const DEEDS: Readonly<Record<string, MemoryKind>> = {
  "buffers": "buffers",
  "a WASM memory": "wasm",
  "a module's WASM memory": "wasm",
  "an imported module's WASM memory": "wasm",
  "buffers without a pause": "all",
};

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`What a job takes beside the heap is bounded too (${isolation})`, async (t) => {
    await Switch.run(async (sw) => {
      const pool = await openPool(sw, isolation);
      const submit = (deed: string) => pool.submit("hoard", deed);
      for (const [deed, memory] of Object.entries(DEEDS)) {
        await t.step(deed, async () => {
          const beforeMb = residentMb();
          const outcome = await submit(deed);
          assert(outcome.kind === "out-of-memory", outcome.kind);
          assertEquals([outcome.memory, outcome.memoryMb], [memory, 64]);
          assertLess(outcome.runMs, 20_000);
          assertLess(residentMb() - beforeMb, 2_000);
        });
      }
      await t.step("garbage is no memory that is kept", async () => {
        assertEquals((await submit("garbage")).kind, "done");
      });
      await t.step("a lane that keeps more than half of its limit is replaced", async () => {
        const { laneEnds } = pool.stats();
        const outcome = await submit("a full half");
        assert(outcome.kind === "done", outcome.kind);
        assert(outcome.heapPeakMb! > 32);
        await until(() => pool.stats().laneEnds.retired > laneEnds.retired);
        assertEquals((await submit("garbage")).kind, "done");
      });
    });
  });
}

async function openPool(sw: Switch, isolation: Isolation): Promise<WorkerPool> {
  const { threads, clock } = realEnv();
  const jobs = await fixtureJobs("hostile");
  const env = { threads, clock, log: new FakeLog() };
  return await WorkerPool.open(sw, env, { jobs, isolation, cores: 1, spares: 1, selfTest: false });
}
