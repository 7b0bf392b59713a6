import { assertEquals } from "@std/assert";
import { statsSince } from "../../src/pool/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { type FakePool, withFakePool } from "./fake_pool.ts";

/** Runs a job for so long. */
async function run(fake: FakePool, ms: number): Promise<void> {
  const job = fake.gated();
  await gates.arrival(job.id);
  await fake.clock.advance(ms);
  gates.open(job.id);
  await job.outcome;
}

Deno.test("WorkerPool.stats() counts outcomes, waits and runs, by job and in total", async () => {
  await withFakePool({}, async (fake) => {
    const first = fake.gated();
    const second = fake.gated();
    await gates.arrival(first.id);
    await fake.clock.advance(40);
    gates.open(first.id);
    await gates.arrival(second.id);
    gates.fail(second.id);
    await Promise.all([first.outcome, second.outcome]);

    const { jobs, outcomes, wait, run } = fake.pool.stats();
    assertEquals([outcomes.done, outcomes.failed], [1, 1]);
    assertEquals([wait.count, wait.maxMs, run.count], [2, 40, 2]);
    assertEquals(jobs, { gated: { outcomes, wait, run, shared: 0, cached: 0 } });
  });
});

Deno.test("A request that never starts is counted, and has no wait and no run", async () => {
  await withFakePool({}, async (fake) => {
    const running = fake.gated();
    const waiting = fake.gated();
    waiting.cancel();
    await waiting.outcome;
    const { outcomes, wait, run } = fake.pool.stats();
    assertEquals([outcomes.cancelled, wait.count, run.count], [1, 0, 0]);
    gates.open(running.id);
  });
});

Deno.test("WorkerPool.stats() tells what each lane runs, and since when", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated();
    await gates.arrival(job.id);
    const waiting = fake.gated();
    await fake.clock.advance(30);
    const [scope] = fake.pool.stats().scopes;
    assertEquals([scope!.name, scope!.queued, scope!.oldestQueuedMs], ["base", 1, 30]);
    const { id } = fake.newest;
    assertEquals(scope!.lanes, [{
      id,
      state: "busy",
      sinceMs: 30,
      runs: [{ job: "gated", runMs: 30 }],
      ahead: 0,
    }]);

    gates.open(job.id);
    gates.open(waiting.id);
    await waiting.outcome;
    await fake.clock.advance(7);
    assertEquals(fake.pool.stats().scopes[0]!.lanes, [{
      id,
      state: "idle",
      sinceMs: 7,
      runs: [],
      ahead: 0,
    }]);
  });
});

Deno.test("WorkerPool.stats() tells a job that has begun from one that its lane may not have taken up", async () => {
  await withFakePool({}, async (fake) => {
    const seen = () => {
      const { running, lanes, scopes: [scope] } = fake.pool.stats();
      const [{ runs, ahead } = { runs: [], ahead: 0 }] = scope!.lanes;
      return { running, busy: lanes.busy, runs: runs.map(({ job }) => job), ahead };
    };
    const early = fake.gated();
    assertEquals(seen(), { running: 0, busy: 1, runs: [], ahead: 1 });
    early.cancel();
    const outcome = await early.outcome;
    assertEquals(outcome.kind === "cancelled" && outcome.stop.how, "never-started");

    const job = fake.gated();
    await gates.arrival(job.id);
    assertEquals(seen(), { running: 1, busy: 1, runs: ["gated"], ahead: 0 });
    gates.open(job.id);
    await job.outcome;
    assertEquals(seen(), { running: 0, busy: 0, runs: [], ahead: 0 });
  });
});

Deno.test("WorkerPool.stats() tells how long jobs took to stop, by how they did", async () => {
  await withFakePool({}, async (fake) => {
    for (const heeds of [true, false]) {
      const job = fake.gated({ heeds });
      await gates.arrival(job.id);
      job.cancel();
      await fake.clock.advance(100);
      await job.outcome;
    }
    const { stops, laneEnds } = fake.pool.stats();
    assertEquals([stops.asked.count, stops.asked.maxMs], [1, 0]);
    assertEquals([stops.killed.count, stops.killed.maxMs], [1, 100]);
    assertEquals(laneEnds.killed, 1);
  });
});

Deno.test("WorkerPool.stats() tells why lanes came to their end", async () => {
  await withFakePool({}, async (fake) => {
    const { clock } = fake;
    await fake.crash(fake.newest);
    fake.newest.end({ kind: "out-of-memory" });
    await clock.settle();
    fake.say(fake.newest, { type: "out-of-memory" });
    await clock.settle();
    fake.say(fake.newest, {
      type: "stray",
      job: "gated",
      error: { name: "Error", message: "late" },
    });
    await clock.settle();
    const { laneEnds } = fake.pool.stats();
    assertEquals(laneEnds, {
      killed: 0,
      crashed: 1,
      "out-of-memory": 2,
      retired: 1,
      aged: 0,
      idle: 0,
    });
  });
});

Deno.test("Lanes that are given back have ended for being idle", async () => {
  await withFakePool({ maxLanes: 3 }, async (fake) => {
    const long = fake.gated();
    await gates.arrival(long.id);
    const short = fake.gated();
    await fake.clock.advance(5);
    gates.open(short.id);
    await short.outcome;
    while (fake.pool.stats().lanes.starting > 0) await fake.clock.settle();
    await fake.clock.advance(10_010);
    // The one that ran the short job, and the one that was kept for what is known to be short.
    assertEquals(fake.pool.stats().laneEnds.idle, 2);
    gates.open(long.id);
  });
});

Deno.test("Refusals are counted by their reason", async () => {
  await withFakePool({ maxQueue: 0 }, async (fake) => {
    const running = fake.gated();
    assertEquals((await running.outcome).kind, "refused");
    await fake.pool.drain();
    await fake.gated().outcome;
    assertEquals(fake.pool.stats().refused, { BUSY: 1, DRAINING: 1, DENIED: 0, UNKNOWN_JOB: 0 });
  });
});

Deno.test("Stats are plain data that JSON can say", async () => {
  await withFakePool({}, async (fake) => {
    await run(fake, 3);
    const stats = fake.pool.stats();
    assertEquals(JSON.parse(JSON.stringify(stats)), stats);
  });
});

Deno.test("statsSince() holds what came between two snapshots, and what is now", async () => {
  await withFakePool({}, async (fake) => {
    await run(fake, 1_000);
    const before = fake.pool.stats();
    await run(fake, 5);
    const since = statsSince(fake.pool.stats(), before);
    assertEquals([since.spanMs, since.outcomes.done, since.jobs.gated!.run.count], [5, 1, 1]);
    assertEquals([since.run.count, since.wait.count], [1, 1]);
    assertEquals(since.lanes, { idle: 1, busy: 0, starting: 0 });
    assertEquals(statsSince(before, before).jobs.gated!.run.count, 0);
  });
});
