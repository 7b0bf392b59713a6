import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Threads } from "../../src/env/mod.ts";
import type { WorkerPoolOptions } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { FakePool, type Gated, withFakePool } from "./fake_pool.ts";

/** Starts a job and kills it in vain: its lane is stuck. */
async function stick(fake: FakePool): Promise<Gated> {
  const job = fake.gated({ heeds: false, graceMs: 0 });
  await gates.arrival(job.id);
  fake.threads.killsTake = false;
  job.cancel();
  const outcome = await job.outcome;
  fake.threads.killsTake = true;
  assert(outcome.kind === "killed");
  assertEquals(outcome.stop.verified, false);
  return job;
}

/** Where the threads that are alive run. */
function isolations({ threads }: FakePool): string[] {
  return threads.alive.map(({ spec }) => spec.isolation);
}

/** Lets happen what is under way, until threads run where they are expected to. */
async function settleTo(fake: FakePool, expected: readonly string[]): Promise<void> {
  for (let i = 0; i < 20 && `${isolations(fake).toSorted()}` !== `${expected}`; i++) {
    await fake.clock.settle();
  }
  assertEquals(isolations(fake).toSorted(), expected);
}

/** Runs a test with a pool that notes when it asks to be restarted. */
async function withUnfit(
  options: Partial<WorkerPoolOptions>,
  test: (fake: FakePool, asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  await withFakePool(
    { ...options, onUnfit: (why) => asked.push(why) },
    (fake) => test(fake, asked),
  );
}

Deno.test("A stuck lane is replaced, and its scope runs in processes from then on", async () => {
  await withUnfit({}, async (fake, asked) => {
    const stuck = fake.newest;
    await stick(fake);
    const next = fake.gated();
    gates.open(next.id);
    const { kind, lane } = await next.outcome;
    assertEquals([kind, lane], ["done", fake.newest.id]);
    assertEquals(isolations(fake), ["worker", "process"]);
    assert(stuck.isAlive);
    const { unverifiedKills, stuckLanes, scopes } = fake.pool.stats();
    assertEquals([unverifiedKills, stuckLanes], [1, 1]);
    assertEquals(scopes.map(({ isolation }) => isolation), ["process"]);
    assertEquals(asked, []);
  });
});

Deno.test("What is queued when a scope moves to processes runs there, in its order", async () => {
  await withUnfit({}, async (fake) => {
    const first = fake.gated({ heeds: false, graceMs: 0 });
    const rest = [fake.gated(), fake.gated(), fake.gated()];
    await gates.arrival(first.id);
    fake.threads.killsTake = false;
    first.cancel();
    await first.outcome;
    fake.threads.killsTake = true;
    for (const { id, outcome } of rest) {
      await gates.arrival(id);
      gates.open(id);
      assertEquals((await outcome).kind, "done");
    }
    assertEquals(gates.started.slice(-3), rest.map(({ id }) => id));
    assertEquals(fake.newest.spec.isolation, "process");
  });
});

Deno.test("When a scope moves, a lane that is busy finishes its job, and then is replaced", async () => {
  await withUnfit({ cores: 2, maxLanes: 2 }, async (fake) => {
    const busy = fake.gated();
    await gates.arrival(busy.id);
    await stick(fake);
    await settleTo(fake, ["process", "worker", "worker"]);
    gates.open(busy.id);
    assertEquals((await busy.outcome).kind, "done");
    await settleTo(fake, ["process", "process", "worker"]);
  });
});

Deno.test("A stuck lane that ends after all is counted no more", async () => {
  await withUnfit({}, async (fake) => {
    const stuck = fake.newest;
    await stick(fake);
    assertEquals(fake.pool.stats().stuckLanes, 1);
    await fake.clock.advance(700);
    stuck.end({ kind: "killed" });
    await fake.clock.settle();
    const { stuckLanes, unverifiedKills } = fake.pool.stats();
    assertEquals([stuckLanes, unverifiedKills], [0, 1]);
    assertMatch(fake.log.lines.at(-1)!, /did not end when it was killed has ended .*afterMs=700/);
  });
});

Deno.test("With onStuck drain, the first stuck lane asks for a restart, and nothing moves", async () => {
  await withUnfit({ onStuck: "drain" }, async (fake, asked) => {
    await stick(fake);
    assertEquals(asked, ["it has a lane that cannot be killed"]);
    await fake.clock.settle();
    assertEquals(isolations(fake), ["worker", "worker"]);
    await stick(fake);
    assertEquals(asked.length, 1);
  });
});

Deno.test("With onStuck log, stuck lanes are only counted and logged", async () => {
  await withUnfit({ onStuck: "log", maxStuck: 0 }, async (fake, asked) => {
    await stick(fake);
    await fake.clock.settle();
    assertEquals([asked, isolations(fake)], [[], ["worker", "worker"]]);
    assertMatch(fake.log.messages("error").at(-1)!, /was killed and did not end/);
  });
});

Deno.test("One stuck lane more than maxStuck asks for a restart, and says how many there are", async () => {
  await withUnfit({ maxStuck: 1 }, async (fake, asked) => {
    await stick(fake);
    assertEquals(asked, []);
    await stick(fake);
    assertEquals(asked, ["lanes that cannot be killed: 2, and the limit is 1"]);
  });
});

/** A machine where no process can be started, as under a compiled program. */
class WithoutProcesses extends FakePool {
  override get env(): FakePool["env"] {
    const { threads, ...rest } = super.env;
    const open: Threads["open"] = (sw, spec) =>
      spec.isolation === "process"
        ? Promise.reject(new Error("there are no processes"))
        : threads.open(sw, spec);
    return { ...rest, threads: { cores: threads.cores, residentMb: () => 0, open } };
  }
}

Deno.test("Where there are no processes, a stuck lane is replaced, and it is said that nothing moves", async () => {
  await Switch.run(async (sw) => {
    const fake = new WithoutProcesses();
    await fake.open(sw);
    await stick(fake);
    const next = fake.gated();
    gates.open(next.id);
    assertEquals((await next.outcome).kind, "done");
    assertMatch(fake.log.messages("error").at(-1)!, /^Cannot move .*: there are none here/);
  });
});
