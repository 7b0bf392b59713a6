import { assert, assertEquals } from "@std/assert";
import { jobRows, poolRows } from "../../src/dispatch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { withFakePool } from "../pool/fake_pool.ts";

Deno.test("STATS shows every counter of the pool as a number of its own", () =>
  withFakePool({}, async (fake) => {
    const job = fake.gated({ heeds: false });
    await gates.arrival(job.id);
    job.cancel();
    await fake.clock.advance(100);
    const rows = poolRows(fake.pool.stats());
    assert(Object.values(rows).every((value) => typeof value === "number"));
    assertEquals([rows.killed, rows["killed p50, ms"], rows["killed most, ms"]], [1, 100, 100]);
    assertEquals([rows["lanes ended, killed"], rows["refused as BUSY"]], [1, 0]);
  }));

Deno.test("STATS name shows one job, also one that nobody has asked for", () =>
  withFakePool({}, async (fake) => {
    const job = fake.gated();
    gates.open(job.id);
    await job.outcome;
    const rows = jobRows(fake.pool.stats(), "gated");
    assertEquals([rows.job, rows.requests, rows.done, rows.failed], ["gated", 1, 1, 0]);
    assertEquals(jobRows(fake.pool.stats(), "moody"), { job: "moody", requests: 0 });
  }));
