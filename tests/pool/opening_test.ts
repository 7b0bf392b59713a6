import { assertEquals } from "@std/assert";
import { withFakePool } from "./fake_pool.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";

Deno.test("A pool that waits for the first lane alone runs jobs there while the others load", async () => {
  const options = { cores: 1, spares: 2, maxLanes: 3 };
  await withFakePool({ ...options, waitFor: "first" }, async (fake) => {
    const { lanes } = fake.pool.stats();
    assertEquals([lanes.idle, lanes.starting], [1, 2]);
    const job = fake.gated();
    await gates.arrival(job.id);
    while (fake.pool.stats().lanes.starting > 0) await fake.clock.settle();
    gates.open(job.id);
    assertEquals((await job.outcome).kind, "done");
  });
});

Deno.test("A pool waits for all the lanes that it keeps ready, if nothing else is said", async () => {
  await withFakePool({ cores: 1, spares: 2, maxLanes: 3 }, (fake) => {
    assertEquals(fake.pool.stats().lanes, { idle: 3, busy: 0, starting: 0 });
    return Promise.resolve();
  });
});
