import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { fakeDir } from "../../src/env/mod.ts";
import { PoolError, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { essence, FakePool, fixtureJobs, withFakePool } from "./fake_pool.ts";

Deno.test("WorkerPool starts requests in the order of their arrival", async () => {
  await withFakePool({}, async (fake) => {
    const jobs = Array.from({ length: 5 }, () => fake.gated());
    const ids = jobs.map(({ id }) => id);
    for (const { id, outcome } of jobs) {
      await gates.arrival(id);
      gates.open(id);
      assertEquals(essence(await outcome), { kind: "done", result: id });
    }
    assertEquals(gates.started.slice(-5), ids);
  });
});

Deno.test("WorkerPool.submit() has the reason of a job that fails, and of an input it refuses", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated();
    gates.fail(job.id);
    const failed = await job.outcome;
    assert(failed.kind === "failed");
    assertEquals(failed.error.message, `job ${job.id} was made to fail`);
    const invalid = await fake.pool.submit("gated", { id: "seven", heeds: true });
    assert(invalid.kind === "invalid");
    assertMatch(invalid.error.message, /^id: Invalid type: Expected number/);
  });
});

Deno.test("WorkerPool.submit() answers as invalid an input that cannot be sent", async () => {
  await withFakePool({}, async (fake) => {
    const outcome = await fake.pool.submit("gated", () => {});
    assert(outcome.kind === "invalid");
    assertMatch(outcome.error.message, /^Cannot send the input to the job: .*Send data only$/);
    const next = fake.gated();
    gates.open(next.id);
    assertEquals((await next.outcome).kind, "done");
  });
});

Deno.test("WorkerPool.submit() throws for a job that is not there, and names those that are", async () => {
  await withFakePool({}, (fake) => {
    assertThrows(
      () => void fake.pool.submit("none", 1),
      RangeError,
      'Cannot submit the job "none": there is none of that name. There are: gated, greedy, moody',
    );
    return Promise.resolve();
  });
});

Deno.test("A deadline counts from the start of a job, not from its arrival", async () => {
  await withFakePool({}, async (fake) => {
    const first = fake.gated();
    const second = fake.gated({ deadlineMs: 100 });
    await gates.arrival(first.id);
    await fake.clock.advance(500);
    assertEquals(fake.pool.stats().queued, 1);
    gates.open(first.id);
    await gates.arrival(second.id);
    await fake.clock.advance(99);
    assertEquals(fake.pool.stats().outcomes.deadline, 0);
    await fake.clock.advance(1);
    const { kind, queueMs, runMs, ...rest } = await second.outcome;
    assertEquals([kind, queueMs, runMs > 0], ["deadline", 500, true]);
    assert("stop" in rest);
    assertEquals(rest.stop, {
      how: "asked",
      why: "it ran longer than its deadline of 100 ms",
      ms: 0,
      ackMs: 0,
      verified: true,
    });
  });
});

Deno.test("A job's own deadline cannot exceed the pool's", async () => {
  await withFakePool({ deadlineMs: 50 }, async (fake) => {
    assertEquals(fake.pool.jobs.get("gated")?.deadlineMs, 50);
    const job = fake.gated({ heeds: true });
    await gates.arrival(job.id);
    await fake.clock.advance(50);
    const outcome = await job.outcome;
    assert(outcome.kind === "deadline");
    assertEquals(outcome.deadlineMs, 50);
  });
});

Deno.test("A cancelled request that waits never starts", async () => {
  await withFakePool({}, async (fake) => {
    const first = fake.gated();
    const second = fake.gated();
    await gates.arrival(first.id);
    await fake.clock.advance(40);
    second.cancel();
    assertEquals(await second.outcome, {
      kind: "cancelled",
      stop: { how: "never-started", why: "its submitter cancelled it", ms: 0, verified: true },
      queueMs: 40,
      runMs: 0,
      lane: 0,
    });
    gates.open(first.id);
    await first.outcome;
    assert(!gates.started.includes(second.id));
  });
});

Deno.test("A request whose signal has fired already never starts", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated({ signal: AbortSignal.abort() });
    const outcome = await job.outcome;
    assert(outcome.kind === "cancelled");
    assertEquals(outcome.stop.how, "never-started");
    await fake.clock.settle();
    assert(!gates.started.includes(job.id));
  });
});

Deno.test("A cancelled job that obeys was asked, and its lane goes on", async () => {
  await withFakePool({}, async (fake) => {
    const { starts } = fake.threads;
    const job = fake.gated({ heeds: true });
    await gates.arrival(job.id);
    job.cancel();
    const outcome = await job.outcome;
    assert(outcome.kind === "cancelled");
    assertEquals(outcome.stop, {
      how: "asked",
      why: "its submitter cancelled it",
      ms: 0,
      ackMs: 0,
      verified: true,
    });
    assertEquals([fake.pool.stats().kills, fake.threads.starts], [0, starts]);
  });
});

Deno.test("A cancelled job that does not obey is killed after the grace", async () => {
  await withFakePool({}, async (fake) => {
    const lane = fake.newest;
    const job = fake.gated({ heeds: false });
    await gates.arrival(job.id);
    await fake.clock.advance(250);
    job.cancel();
    await fake.clock.advance(99);
    assertEquals(fake.pool.stats().kills, 0);
    await fake.clock.advance(1);
    assertEquals(await job.outcome, {
      kind: "killed",
      stop: {
        how: "killed",
        why: "its submitter cancelled it",
        ms: 100,
        ackMs: 0,
        verified: true,
      },
      queueMs: 0,
      runMs: 350,
      lane: lane.id,
    });
    const next = fake.gated();
    gates.open(next.id);
    assertEquals((await next.outcome).lane, fake.newest.id);
    assert(!lane.isAlive);
  });
});

Deno.test("A job that is cancelled in the turn of its submit never starts, and its lane is free again", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated();
    job.cancel();
    const outcome = await job.outcome;
    assert(outcome.kind === "cancelled");
    assertEquals(outcome.stop.how, "never-started");
    const next = fake.gated();
    gates.open(next.id);
    assertEquals((await next.outcome).kind, "done");
    assert(!gates.started.includes(job.id));
  });
});

Deno.test("A grace of 0 kills at once", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated({ heeds: false, graceMs: 0 });
    await gates.arrival(job.id);
    job.cancel();
    const outcome = await job.outcome;
    assert(outcome.kind === "killed");
    assertEquals(outcome.stop.ms, 0);
  });
});

Deno.test("Cancelling again changes nothing: the first order counts", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated({ heeds: false });
    await gates.arrival(job.id);
    job.cancel();
    await fake.clock.advance(60);
    job.cancel();
    await fake.clock.advance(40);
    const outcome = await job.outcome;
    assert(outcome.kind === "killed");
    assertEquals(outcome.stop.ms, 100);
    job.cancel();
    assertEquals(fake.pool.stats().outcomes.killed, 1);
  });
});

Deno.test("Of a deadline and a cancel, the first decides the outcome", async () => {
  await withFakePool({}, async (fake) => {
    const late = fake.gated({ heeds: false, deadlineMs: 50 });
    await gates.arrival(late.id);
    await fake.clock.advance(50);
    late.cancel();
    await fake.clock.advance(100);
    assertEquals((await late.outcome).kind, "deadline");

    const cancelled = fake.gated({ heeds: false, deadlineMs: 50 });
    await gates.arrival(cancelled.id);
    await fake.clock.advance(49);
    cancelled.cancel();
    await fake.clock.advance(100);
    const outcome = await cancelled.outcome;
    assertEquals([outcome.kind, outcome.runMs], ["killed", 149]);
  });
});

Deno.test("A job that ends while it is asked to stop is done", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated({ heeds: false });
    await gates.arrival(job.id);
    job.cancel();
    gates.open(job.id);
    assertEquals(essence(await job.outcome), { kind: "done", result: job.id });
    await fake.clock.advance(1_000);
    assertEquals(fake.pool.stats().kills, 0);
  });
});

Deno.test("A lane that reports a full heap is killed, and its job ran out of memory", async () => {
  await withFakePool({ memoryMb: 99 }, async (fake) => {
    const job = fake.gated();
    await gates.arrival(job.id);
    fake.say(fake.newest, { type: "out-of-memory", memory: "heap" });
    assertEquals(essence(await job.outcome), {
      kind: "out-of-memory",
      memory: "heap",
      memoryMb: 99,
    });
    assertEquals(fake.pool.stats().kills, 1);
  });
});

Deno.test("A thread that ends out of memory says so of its job", async () => {
  await withFakePool({ memoryMb: 99 }, async (fake) => {
    const job = fake.gated();
    await gates.arrival(job.id);
    fake.newest.end({ kind: "out-of-memory" });
    assertEquals(essence(await job.outcome), {
      kind: "out-of-memory",
      memory: "heap",
      memoryMb: 99,
    });
    assertMatch(fake.log.lines.at(-1)!, /WARN .* ended by itself .*job=gated reason=out-of-memory/);
  });
});

Deno.test("A lane that crashes takes its job along, and none that waits", async () => {
  await withFakePool({}, async (fake) => {
    const [running, waiting] = [fake.gated(), fake.gated()];
    await gates.arrival(running.id);
    fake.newest.crash("it was hit");
    assertEquals(essence(await running.outcome), { kind: "crashed", reason: "it was hit" });
    gates.open(waiting.id);
    assertEquals((await waiting.outcome).kind, "done");
  });
});

Deno.test("A kill that is not verified is counted, logged and told, and its lane is replaced", async () => {
  await withFakePool({}, async (fake) => {
    const job = fake.gated({ heeds: false, graceMs: 0 });
    await gates.arrival(job.id);
    fake.threads.killsTake = false;
    job.cancel();
    const outcome = await job.outcome;
    assert(outcome.kind === "killed");
    assertEquals(outcome.stop.verified, false);
    assertEquals(fake.pool.stats().unverifiedKills, 1);
    assertMatch(
      fake.log.messages("error").at(-1)!,
      /was killed and did not end: its thread may burn/,
    );
    fake.threads.killsTake = true;
    const next = fake.gated();
    gates.open(next.id);
    assertEquals((await next.outcome).kind, "done");
    gates.open(job.id); // what the old thread says now is not heard
    await fake.clock.settle();
    assertEquals(fake.pool.stats().outcomes.done, 1);
  });
});

Deno.test("A lane whose heap fills while it loads gets no job, even where it cannot be killed", async () => {
  await withFakePool({}, async (fake) => {
    const { id } = fake.newest;
    fake.newest.crash("it was hit");
    while (!(fake.newest?.id > id)) await Promise.resolve();
    const loading = fake.newest;
    fake.threads.killsTake = false;
    fake.say(loading, { type: "out-of-memory", memory: "heap" });
    await fake.clock.settle();
    assertEquals(fake.pool.stats().lanes, { idle: 0, busy: 0, starting: 0 });
    assertMatch(fake.log.messages("error").at(-1)!, /^Cannot start a lane/);

    fake.threads.killsTake = true;
    const job = fake.gated();
    await fake.clock.advance(100);
    gates.open(job.id);
    const { kind, lane } = await job.outcome;
    assertEquals([kind, lane], ["done", fake.newest.id]);
    assert(loading.isAlive);
  });
});

Deno.test("A lane that cannot be started is tried again after pauses that grow", async () => {
  await withFakePool({ maxQueueMs: Infinity }, async (fake) => {
    fake.threads.startError = new Error("no threads today");
    const before = fake.threads.starts;
    await fake.crash(fake.newest);
    const job = fake.gated();
    const pauses: unknown[] = [];
    for (let i = 0; i < 12; i++) {
      await fake.clock.settle();
      const pauseMs = fake.log.records.at(-1)!.fields.retryMs;
      assert(typeof pauseMs === "number");
      pauses.push(pauseMs);
      fake.clock.tick(pauseMs);
    }
    assertEquals(pauses, [100, 200, 400, 800, 1600, 3200, 6400, ...Array(5).fill(10_000)]);
    assertEquals(fake.threads.starts, before + pauses.length);
    await fake.clock.settle();
    fake.threads.startError = undefined;
    fake.clock.tick(10_000);
    gates.open(job.id);
    assertEquals((await job.outcome).kind, "done");
  });
});

Deno.test("One request more than the queue holds is refused as BUSY, with the limit in words", async () => {
  await withFakePool({ maxQueue: 2 }, async (fake) => {
    const jobs = [fake.gated(), fake.gated(), fake.gated()];
    assertEquals(essence(await fake.gated().outcome), {
      kind: "refused",
      code: "BUSY",
      reason: "The queue is full: 2 requests wait, which is the limit. Try again later",
    });
    for (const { id } of jobs) gates.open(id);
    const kinds = (await Promise.all(jobs.map(({ outcome }) => outcome))).map(({ kind }) => kind);
    assertEquals(kinds, ["done", "done", "done"]);
  });
});

Deno.test("A job that asks for more than it was granted is DENIED, with both lists in words", async () => {
  const reason =
    "Cannot run the job greedy: it asks for net (example.com:443), read, and is granted net (example.com:443)";
  await withFakePool({ grants: { greedy: { net: ["example.com:443"] } } }, async (fake) => {
    const outcome = await fake.pool.submit("greedy", 1);
    assertEquals(essence(outcome), { kind: "refused", code: "DENIED", reason });
    assertEquals(fake.log.messages("error"), [reason]);
  });
});

Deno.test("A job that was granted what it asks for gets a scope with just that", async () => {
  const grants = { greedy: { net: ["example.com:443", "other.com"], read: true } } as const;
  await withFakePool({ grants }, async (fake) => {
    assertEquals(essence(await fake.pool.submit("greedy", 1)), { kind: "done", result: "never" });
    const { permissions } = fake.newest.spec;
    assertEquals([permissions.net, permissions.read], [["example.com:443"], "all"]);
  });
});

Deno.test("WorkerPool.drain() refuses what comes and resolves when all is settled", async () => {
  await withFakePool({}, async (fake) => {
    const jobs = [fake.gated(), fake.gated()];
    let isDrained = false;
    const drained = fake.pool.drain().then(() => isDrained = true);
    const refused = await fake.gated().outcome;
    assert(refused.kind === "refused");
    assertEquals(refused.code, "DRAINING");
    gates.open(jobs[0]!.id);
    await jobs[0]!.outcome;
    await fake.clock.settle();
    assertEquals(isDrained, false);
    gates.open(jobs[1]!.id);
    await drained;
    await fake.pool.drain();
  });
});

Deno.test("The end of the pool's switch settles every request", async () => {
  const fake = new FakePool();
  const jobs = await Switch.run(async (sw) => {
    await fake.open(sw);
    const jobs = [fake.gated({ heeds: false }), fake.gated(), fake.gated()];
    await gates.arrival(jobs[0]!.id);
    return jobs;
  });
  const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
  const stops = outcomes.map((outcome) => "stop" in outcome ? outcome.stop : undefined);
  assertEquals(outcomes.map(({ kind }) => kind), ["killed", "cancelled", "cancelled"]);
  assertEquals(stops.map((stop) => stop?.how), ["killed", "never-started", "never-started"]);
  assertEquals(stops.map((stop) => stop?.why), Array(3).fill("the pool was closed"));
  assertEquals([fake.threads.alive.length, fake.clock.timers], [0, 0]);
});

Deno.test("A pool that was closed refuses what comes", async () => {
  const fake = new FakePool();
  await Switch.run((sw) => fake.open(sw));
  const outcome = await fake.gated().outcome;
  assert(outcome.kind === "refused");
  assertEquals(outcome.code, "DRAINING");
});

Deno.test("A job that leaves work behind that fails has its lane replaced, after the job that runs", async () => {
  await withFakePool({}, async (fake) => {
    const lane = fake.newest;
    const [running, next] = [fake.gated(), fake.gated()];
    await gates.arrival(running.id);
    fake.say(lane, { type: "stray", job: "gated", error: { name: "Error", message: "later" } });
    await fake.clock.settle();
    assert(lane.isAlive);
    gates.open(running.id);
    assertEquals((await running.outcome).kind, "done");
    gates.open(next.id);
    assertEquals((await next.outcome).lane, fake.newest.id);
    assert(!lane.isAlive);
  });
});

Deno.test("A lane that is to be replaced for what its jobs left behind is there until another is", async () => {
  await withFakePool({}, async (fake) => {
    const lane = fake.newest;
    for (let i = 0; i < 5; i++) {
      fake.say(lane, { type: "stray", job: "gated", error: { name: "Error", message: "later" } });
    }
    for (let turns = 0; lane.isAlive; turns++) {
      assert(turns < 10_000, "it is replaced in the end");
      assertEquals(fake.pool.stats().lanes.idle, 1);
      await Promise.resolve();
    }
    await fake.clock.settle();
    assertEquals(fake.pool.stats().laneEnds.retired, 1);
    assertEquals(fake.pool.stats().lanes.idle, 1);
  });
});

Deno.test("A job whose file a lane cannot load any more fails, and says so", async () => {
  await withFakePool({}, async (fake) => {
    gates.isMoodBad = true;
    await fake.crash(fake.newest);
    const outcome = await fake.pool.submit("moody", 1);
    gates.isMoodBad = false;
    assert(outcome.kind === "failed");
    assertMatch(outcome.error.message, /^Cannot run the job: its file could not be loaded: /);
    assertMatch(
      fake.log.messages("error").at(-1)!,
      /cannot load a job file that could be read before/,
    );
  });
});

Deno.test("Short jobs get lanes beyond the warm ones while long ones hold those, for a time", async () => {
  await withFakePool({ maxLanes: 4 }, async (fake) => {
    const jobs = [fake.gated(), fake.gated(), fake.gated(), fake.gated()];
    await gates.arrival(jobs[0]!.id);
    for (let i = 0; i < 20; i++) await fake.clock.advance(2);
    await gates.arrival(jobs[2]!.id);
    // The fourth is kept for what is known to be short.
    assertEquals(fake.pool.stats().lanes, { idle: 1, busy: 3, starting: 0 });
    assertEquals(fake.pool.stats().queued, 1);
    for (const { id } of jobs) gates.open(id);
    await fake.pool.drain();
    await fake.clock.advance(10_100);
    assertEquals(fake.threads.alive.length, 1);
  });
});

Deno.test("WorkerPool.stats() tells what waits, for how long, and what runs", async () => {
  await withFakePool({ maxLanes: 1 }, async (fake) => {
    const jobs = [fake.gated(), fake.gated(), fake.gated()];
    await gates.arrival(jobs[0]!.id);
    await fake.clock.advance(7);
    const { queued, oldestQueuedMs, lanes, cores } = fake.pool.stats();
    assertEquals([queued, oldestQueuedMs, cores], [2, 7, 1]);
    assertEquals(lanes, { idle: 0, busy: 1, starting: 0 });
    for (const { id } of jobs) gates.open(id);
    await fake.pool.drain();
    assertEquals([fake.pool.stats().queued, fake.pool.stats().oldestQueuedMs], [0, 0]);
  });
});

Deno.test("WorkerPool.resize() lets more jobs run, and refuses what is no count", async () => {
  await withFakePool({ spares: 1, maxLanes: 2 }, async (fake) => {
    const jobs = [fake.gated(), fake.gated()];
    await gates.arrival(jobs[0]!.id);
    assertEquals(fake.pool.stats().queued, 1);
    fake.pool.resize(2);
    await gates.arrival(jobs[1]!.id);
    for (const cores of [0, 1.5, NaN]) {
      assertThrows(() => fake.pool.resize(cores), RangeError, "cores must be a positive integer");
    }
    for (const { id } of jobs) gates.open(id);
    await fake.pool.drain();
  });
});

Deno.test("WorkerPool.open() rejects where no job file can be used, and leaves nothing behind", async () => {
  const fake = new FakePool();
  await assertRejects(
    () => Switch.run((sw) => fake.open(sw, { jobs: fakeDir() })),
    PoolError,
    "Cannot open the pool: no job file in",
  );
  await fake.clock.settle();
  assertEquals([fake.threads.alive.length, fake.clock.timers], [0, 0]);
});

Deno.test("WorkerPool.open() rejects where the isolation asked for cannot be proved", async () => {
  const fake = new FakePool();
  fake.threads.killsTake = false;
  const opening = assertRejects(
    () => Switch.run((sw) => fake.open(sw, { selfTest: true, isolation: "worker" })),
    PoolError,
    "Cannot isolate jobs by workers here: lanes in worker threads (self-test: empty loop NOT killed",
  );
  await fake.clock.untilTimers(2);
  await fake.clock.advance(60);
  await opening;
});

Deno.test("WorkerPool.open() falls back to processes where lanes cannot be killed", async () => {
  await Switch.run(async (sw) => {
    const fake = new FakePool();
    fake.threads.killsTake = false;
    const opening = fake.open(sw, { selfTest: true });
    await fake.clock.untilTimers(2);
    await fake.clock.advance(60);
    fake.threads.killsTake = true;
    await fake.clock.untilTimers(2);
    await fake.clock.advance(60);
    const pool = await opening;
    assertEquals(pool.stats().isolation, "process");
    assertMatch(pool.isolation, /^processes \(self-test: empty loop killed in 0 ms/);
    assertEquals(fake.newest.spec.isolation, "process");
    assertEquals(fake.log.messages("warn").length, 1);
  });
});

Deno.test("WorkerPool.open() on a switch that is off rejects", async () => {
  const fake = new FakePool();
  await assertRejects(() =>
    Switch.run(async (sw) => {
      sw.fail(new Error("it is off"));
      await WorkerPool.open(sw, fake.env, { jobs: await fixtureJobs("gated") });
    }), Error);
  assertEquals(fake.threads.alive.length, 0);
});

Deno.test("A request that waited longer than it may is refused as BUSY, and never starts", async () => {
  await withFakePool({ maxQueueMs: 500 }, async (fake) => {
    const [running, late, patient] = [
      fake.gated(),
      fake.gated(),
      fake.gated({ maxQueueMs: 9_000 }),
    ];
    await gates.arrival(running.id);
    await fake.clock.advance(502);
    const outcome = await late.outcome;
    assert(outcome.kind === "refused");
    assertMatch(outcome.reason, /^The job waited 50\d ms for a lane, and may wait 500 ms/);
    gates.open(running.id);
    gates.open(patient.id);
    assertEquals((await patient.outcome).kind, "done");
    assert(!gates.started.includes(late.id));
  });
});

Deno.test("One request more than a submitter may have waiting is refused; others, and who waits, are not", async () => {
  await withFakePool({ maxQueuePerSubmitter: 1, maxQueue: 2 }, async (fake) => {
    const submitter = new Submitter();
    const jobs = [fake.gated({ submitter }), fake.gated({ submitter })];
    const refused = await fake.gated({ submitter }).outcome;
    assert(refused.kind === "refused");
    assertMatch(refused.reason, /^The queue is full for you: 1 of your requests wait/);
    jobs.push(fake.gated(), fake.gated({ whenFull: "wait" }));
    for (const { id } of jobs) gates.open(id);
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    assertEquals(outcomes.map(({ kind }) => kind), Array(4).fill("done"));
  });
});

Deno.test("A request of high priority goes before those that wait with a low one", async () => {
  await withFakePool({}, async (fake) => {
    const running = fake.gated();
    const low = [fake.gated({ priority: "low" }), fake.gated({ priority: "low" })];
    const high = fake.gated({ priority: "high" });
    for (const { id } of [running, ...low, high]) gates.open(id);
    await Promise.all([...low, high].map(({ outcome }) => outcome));
    assertEquals(gates.started.slice(-4), [running, high, ...low].map(({ id }) => id));
  });
});
