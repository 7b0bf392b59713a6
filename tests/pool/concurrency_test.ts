import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import {
  type SubmitOptions,
  Submitter,
  WorkerPool,
  type WorkerPoolOptions,
} from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { type FakePool, fixtureJobs, type Gated, withFakePool } from "./fake_pool.ts";

/** Runs a test with a pool whose job `together` lets two others run beside it. */
async function withSharing(
  options: Partial<WorkerPoolOptions>,
  test: (fake: FakePool) => Promise<void>,
): Promise<void> {
  const jobs = await fixtureJobs("sharing");
  await withFakePool({ ...options, jobs }, test);
}

/** Submits a job that lets two others run beside it until its gate is opened. */
function together({ pool }: FakePool, options: SubmitOptions = {}, heeds = true): Gated {
  const id = gates.nextId();
  const cancel = new AbortController();
  const signal = cancel.signal;
  const outcome = pool.submit("together", { id, heeds }, { signal, ...options });
  return { id, outcome, cancel: () => cancel.abort() };
}

Deno.test("Jobs that let others in run side by side on one lane, and end in any order", async () => {
  await withSharing({}, async (fake) => {
    const jobs = [together(fake), together(fake), together(fake)];
    for (const { id } of jobs) await gates.arrival(id);
    for (const { id, outcome } of jobs.toReversed()) {
      gates.open(id);
      const { kind, lane } = await outcome;
      assertEquals([kind, lane], ["done", fake.newest.id]);
    }
    assertEquals(fake.pool.stats().lanes, { idle: 1, busy: 0, starting: 0 });
  });
});

Deno.test("One more than may share a lane waits until one of them has ended", async () => {
  await withSharing({}, async (fake) => {
    const jobs = Array.from({ length: 5 }, () => together(fake));
    for (const { id } of jobs.slice(0, 3)) await gates.arrival(id);
    await fake.clock.advance(50);
    assertEquals(fake.pool.stats().queued, 2);
    gates.open(jobs[1]!.id);
    await gates.arrival(jobs[3]!.id);
    assertEquals(fake.pool.stats().queued, 1);
    for (const { id } of jobs) gates.open(id);
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    assertEquals(outcomes.map(({ kind }) => kind), Array(5).fill("done"));
  });
});

Deno.test("A job that wants its lane alone never shares one, and those that share hold no core", async () => {
  await withSharing({ cores: 1, spares: 1, maxLanes: 2 }, async (fake) => {
    const shared = together(fake);
    await gates.arrival(shared.id);
    const alone = fake.gated();
    await gates.arrival(alone.id);
    const another = together(fake);
    await gates.arrival(another.id);
    for (const { id } of [shared, alone, another]) gates.open(id);
    const lanes = await Promise.all(
      [shared, another, alone].map(async ({ outcome }) => (await outcome).lane),
    );
    assertEquals(lanes[0], lanes[1]);
    assert(lanes[0] !== lanes[2]);
  });
});

Deno.test("Jobs that share never take the last idle lane", async () => {
  await withSharing({ cores: 1, spares: 1, maxLanes: 2 }, async (fake) => {
    const jobs = Array.from({ length: 4 }, () => together(fake));
    for (const { id } of jobs.slice(0, 3)) await gates.arrival(id);
    await fake.clock.advance(50);
    assertEquals(fake.pool.stats().queued, 1);
    const alone = fake.gated({ submitter: new Submitter() });
    await gates.arrival(alone.id);
    for (const { id } of [...jobs, alone]) gates.open(id);
    await fake.pool.drain();
  });
});

Deno.test("One of those that share is asked to stop, and the others go on", async () => {
  await withSharing({}, async (fake) => {
    const [first, second] = [together(fake), together(fake)];
    await gates.arrival(second.id);
    second.cancel();
    assertEquals((await second.outcome).kind, "cancelled");
    gates.open(first.id);
    assertEquals((await first.outcome).kind, "done");
    assertEquals(fake.pool.stats().kills, 0);
  });
});

Deno.test("Each of those that share has its own deadline", async () => {
  await withSharing({}, async (fake) => {
    const first = together(fake, { deadlineMs: 200 });
    await gates.arrival(first.id);
    await fake.clock.advance(50);
    const second = together(fake, { deadlineMs: 100 });
    await gates.arrival(second.id);
    await fake.clock.advance(100);
    const { kind, runMs } = await second.outcome;
    assertEquals([kind, runMs > 0], ["deadline", true]);
    assertEquals(fake.pool.stats().outcomes.deadline, 1);
    await fake.clock.advance(50);
    assertEquals((await first.outcome).kind, "deadline");
  });
});

Deno.test("Law 8: a kill takes those that share along, and tells them why; none is run again", async () => {
  await withSharing({}, async (fake) => {
    const deaf = together(fake, {}, false);
    const others = [together(fake), together(fake)];
    const waiting = together(fake);
    await gates.arrival(others[1]!.id);
    deaf.cancel();
    await fake.clock.advance(100);
    assertEquals((await deaf.outcome).kind, "killed");
    for (const { outcome } of others) {
      const ended = await outcome;
      assert(ended.kind === "crashed");
      assertMatch(ended.reason, /its lane was killed, perhaps to stop another run that shared it/);
    }
    gates.open(waiting.id);
    assertEquals((await waiting.outcome).kind, "done");
    const ids = others.map(({ id }) => id);
    assertEquals(gates.started.filter((id) => ids.includes(id)), ids);
  });
});

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Sleeping jobs share a lane of the ${isolation} isolation`, () =>
    Switch.run(async (sw) => {
      const jobs = await realEnv().fs.subtree(
        decodeURIComponent(new URL("../../workers", import.meta.url).pathname.slice(1)),
      );
      const options = { jobs, isolation, cores: 1, spares: 1, selfTest: false } as const;
      const pool = await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, options);
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => pool.submit("sleep", 40 - n)),
      );
      assertEquals(outcomes.map(({ kind }) => kind), Array(40).fill("done"));
      assertEquals(new Set(outcomes.map(({ lane }) => lane)).size, 1);
    }));
}
