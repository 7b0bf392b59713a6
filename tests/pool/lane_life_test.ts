import { assert, assertEquals, assertMatch } from "@std/assert";
import type { FakeThread } from "../../src/env/mod.ts";
import type { PoolStats } from "../../src/pool/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { type FakePool, fixtureJobs, withFakePool } from "./fake_pool.ts";

/** Runs a job to its end. Returns the number of the lane that ran it. */
async function runOne(fake: FakePool): Promise<number> {
  const job = fake.gated();
  gates.open(job.id);
  const { kind, lane } = await job.outcome;
  assertEquals(kind, "done");
  return lane;
}

function lanesOf({ scopes }: PoolStats): number[] {
  return scopes.map(({ lanes }) => lanes.length);
}

Deno.test("A lane that has run all its jobs is replaced, once another is there to take its place", async () => {
  await withFakePool({ maxLaneJobs: 2 }, async (fake) => {
    const first = fake.newest;
    assertEquals([await runOne(fake), await runOne(fake)], [first.id, first.id]);
    while (fake.pool.stats().laneEnds.aged === 0) await fake.clock.settle();
    assertEquals([first.isAlive, fake.threads.alive.length], [false, 1]);
    assertEquals(await runOne(fake), fake.newest.id);
  });
});

Deno.test("A lane that is old is replaced, one at a time, and the job that runs there is not disturbed", async () => {
  await withFakePool({ cores: 2, maxLaneAgeMs: 60_000 }, async (fake) => {
    const old = fake.threads.alive;
    const job = fake.gated({ deadlineMs: 300_000 });
    await gates.arrival(job.id);
    for (let i = 0; i < 20; i++) await fake.clock.advance(10_000);
    gates.open(job.id);
    assertEquals((await job.outcome).kind, "done");
    await fake.clock.settle();
    assertEquals(old.map(({ isAlive }) => isAlive), [false, false]);
    assertEquals(fake.threads.alive.length, 2);
  });
});

Deno.test("A scope that is not used for long keeps one lane, and gets its warm ones back when it is", async () => {
  const jobs = await fixtureJobs("scopes");
  await withFakePool({ jobs, cores: 2, spares: 1, maxLanes: 3 }, async (fake) => {
    assertEquals(lanesOf(fake.pool.stats()), [3, 3]);
    await runOne(fake); // so that the pool has set its timer
    for (let i = 0; i < 33; i++) await fake.clock.advance(10_000);
    assertEquals(lanesOf(fake.pool.stats()), [3, 1]);
    const id = gates.nextId();
    gates.open(id);
    assertEquals((await fake.pool.submit("apart", { id, heeds: true })).kind, "done");
    while (lanesOf(fake.pool.stats())[1] !== 3) await fake.clock.settle();
  });
});

Deno.test("Where several lanes are idle, a job goes to one that has run it last", async () => {
  const jobs = await fixtureJobs("gated");
  const grants = { greedy: { net: ["example.com:443"], read: true } } as const;
  await withFakePool({ jobs, grants, cores: 2 }, async (fake) => {
    const [first, second] = [fake.gated(), fake.gated()];
    await gates.arrival(second.id);
    gates.open(first.id);
    gates.open(second.id);
    const { lane } = await first.outcome;
    await second.outcome;
    assertEquals((await fake.pool.submit("moody", 1)).lane, lane);
    assertEquals((await fake.pool.submit("moody", 1)).lane, lane);
    assert(await runOne(fake) !== lane);
  });
});

/** Has a job crash its lane; resolves when another lane is there. */
async function crashOne(fake: FakePool): Promise<void> {
  const job = fake.gated();
  await gates.arrival(job.id);
  const lane: FakeThread = fake.newest;
  lane.crash("it exited with code 1");
  assertEquals((await job.outcome).kind, "crashed");
  while (fake.pool.stats().lanes.idle === 0) await fake.clock.settle();
}

Deno.test("A job that ends its lanes again and again is put aside for a time that grows", async () => {
  await withFakePool({}, async (fake) => {
    for (let i = 0; i < 5; i++) await crashOne(fake);
    const refused = await fake.gated().outcome;
    assert(refused.kind === "refused");
    assertEquals([refused.code, refused.reason], [
      "BUSY",
      "The job gated has been put aside: it ended 5 lanes one after the other, the last as it exited with code 1. It is tried again in 1 s",
    ]);
    assertMatch(fake.log.messages("error").at(-1)!, /^A job ends its lanes again and again/);
    assertEquals((await fake.pool.submit("moody", 1)).kind, "done"); // others are not touched

    await fake.clock.advance(1_000);
    await crashOne(fake);
    await fake.clock.advance(1_999);
    assertEquals((await fake.gated().outcome).kind, "refused");
    await fake.clock.advance(1);
    await runOne(fake);
    await crashOne(fake);
    await runOne(fake);
  });
});

/** Ends the lane that is started next while it loads `gated`, which is the first. */
async function crashLoading(fake: FakePool, after: number): Promise<number> {
  while (!(fake.newest?.id > after)) await Promise.resolve();
  const lane = fake.newest;
  fake.say(lane, { type: "loading", index: 0 });
  for (let i = 0; i < 3; i++) await Promise.resolve();
  lane.crash("it exited with code 1");
  await fake.clock.settle();
  return lane.id;
}

Deno.test("A job that ends the lanes that load it is put aside, and the others run", async () => {
  await withFakePool({}, async (fake) => {
    let { id } = fake.newest;
    fake.newest.crash("it was hit");
    for (const pauseMs of [0, 100, 200, 400, 800]) {
      fake.clock.tick(pauseMs);
      id = await crashLoading(fake, id);
    }
    const refused = await fake.gated().outcome;
    assert(refused.kind === "refused");
    assertMatch(refused.reason, /^The job gated has been put aside: it ended 5 lanes .* 1 s$/);
    await fake.clock.advance(100);
    assertEquals((await fake.pool.submit("moody", 1)).kind, "done");

    fake.clock.tick(1_000);
    const early = await fake.gated().outcome; // no lane has loaded it yet
    assert(early.kind === "refused");
    assertMatch(early.reason, /^The job gated has been put aside, .* is not back yet/);
    while (fake.pool.stats().laneEnds.retired === 0) await fake.clock.settle();
    await runOne(fake);
  });
});

Deno.test("Scopes that wait for one core have it in turn", async () => {
  const jobs = await fixtureJobs("scopes");
  await withFakePool({ jobs, cores: 1, spares: 1, maxLanes: 2 }, async (fake) => {
    const submit = (name: string) => {
      const id = gates.nextId();
      return { id, outcome: fake.pool.submit(name, { id, heeds: true }) };
    };
    const base = Array.from({ length: 4 }, () => submit("gated"));
    await gates.arrival(base[0]!.id);
    const apart = Array.from({ length: 3 }, () => submit("apart"));
    await fake.clock.settle();
    const before = gates.started.length;
    await fake.clock.advance(1); // not so long that the first counts as long
    for (const { id } of [...base, ...apart]) gates.open(id);
    await Promise.all([...base, ...apart].map(({ outcome }) => outcome));
    const names = gates.started.slice(before).map((id) =>
      apart.some((job) => job.id === id) ? "apart" : "base"
    );
    assertEquals(names, ["base", "apart", "base", "apart", "base", "apart"]);
  });
});
