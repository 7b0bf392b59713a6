import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { FakePool, fixtureJobs, withFakePool } from "./fake_pool.ts";

Deno.test("A job that is not trusted has a process scope of its own, the others share a worker's", async () => {
  await withFakePool({ grants: { gated: { untrusted: true } } }, async (fake) => {
    const { scopes } = fake.pool.stats();
    assertEquals(scopes.map(({ isolation }) => isolation), ["worker", "process"]);
    assertStringIncludes(fake.pool.isolation, "; processes for gated");
    const job = fake.gated();
    await gates.arrival(job.id);
    assertEquals(fake.threads.alive.map(({ spec }) => spec.isolation), ["worker", "process"]);
    gates.open(job.id);
    assertEquals((await job.outcome).kind, "done");
  });
});

Deno.test("A pool of processes has no workers, whatever a grant says", async () => {
  const grants = { gated: { isolation: "worker" as const } };
  await withFakePool({ isolation: "process", grants }, (fake) => {
    assertEquals(fake.pool.stats().scopes.map(({ isolation }) => isolation), ["process"]);
    return Promise.resolve();
  });
});

Deno.test("What the operator says of a job's limits goes before its file and the pool", async () => {
  const limits = { deadlineMs: 90_000, graceMs: 7, memoryMb: 99 };
  await withFakePool({ deadlineMs: 10, grants: { gated: { limits } } }, (fake) => {
    const { deadlineMs, graceMs, scope } = fake.pool.jobs.get("gated")!;
    assert(typeof scope !== "string");
    assertEquals({ deadlineMs, graceMs, memoryMb: scope.spec.memoryMb }, limits);
    return Promise.resolve();
  });
});

Deno.test("Where there are no processes, a job that needs one is refused, and the others are served", async () => {
  await Switch.run(async (sw) => {
    const fake = new FakePool();
    fake.threads.processError = new Error("Cannot isolate jobs: there are none here");
    const grants = { apart: { untrusted: true } };
    const pool = await fake.open(sw, { jobs: await fixtureJobs("scopes"), grants });
    const refused = await pool.submit("apart", 1);
    assert(refused.kind === "refused");
    assertEquals(
      refused.reason,
      "Cannot run the job apart in a process, as it must be: there are none here",
    );
    const { id, outcome } = fake.gated();
    gates.open(id);
    assertEquals((await outcome).kind, "done");
  });
});

Deno.test("A grant that names no job keeps the pool from opening, and names those there are", async () => {
  const opening = Switch.run((sw) => new FakePool().open(sw, { grants: { gatd: { net: true } } }));
  await assertRejects(
    () => opening,
    Error,
    'Cannot grant anything to the job "gatd": there is none of that name. There are: gated',
  );
});
