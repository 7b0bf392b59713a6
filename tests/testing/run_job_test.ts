import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { fakeEnv } from "../../src/env/mod.ts";
import { callsOf, Cancelled, defineJob, InvalidInput, type Progress } from "../../src/job/mod.ts";
import { runJob } from "../../src/testing/mod.ts";

const RUN = { name: "tested", summary: "", input: v.number() };

Deno.test("runJob() gives the result, or the items as a list", async () => {
  const doubles = defineJob({ ...RUN, run: (n) => n * 2 });
  assertEquals(await runJob(doubles, 4), 8);
  const counts = defineJob({
    ...RUN,
    async *run(n) {
      for (let i = 1; i <= n; i++) yield await Promise.resolve(i);
    },
  });
  const seen: unknown[] = [];
  const list: number[] = await runJob(counts, 3, { onItem: (item) => void seen.push(item) });
  assertEquals([list, seen], [[1, 2, 3], [1, 2, 3]]);
});

Deno.test("runJob() checks the input, and rejects with what the job throws", async () => {
  const fails = defineJob({
    ...RUN,
    run() {
      throw new RangeError("too far");
    },
  });
  await assertRejects(() => runJob(fails, 1), RangeError, "too far");
  const refused = await assertRejects(() => runJob(fails, NaN), InvalidInput);
  assertStringIncludes(String(refused.cause), "Expected number");
});

Deno.test("runJob() gives the job the parts of the machine that it asks for", async () => {
  const env = fakeEnv({ vars: { HOME: "/home" } });
  const reads = defineJob({
    ...RUN,
    permissions: { env: ["HOME"] },
    run: (_n, { env, log }) => {
      log.info("looked", { at: "HOME" });
      return [env.vars.get("HOME"), env.clock.now()];
    },
  });
  assertEquals(await runJob(reads, 1, { env }), ["/home", 0]);
  assertEquals(env.log.records[0]?.fields, { job: "tested", at: "HOME" });
  const reaches = defineJob({ ...RUN, run: (_n, { env }) => String(Reflect.get(env, "net")) });
  await assertRejects(
    () => runJob(reaches, 1, { env }),
    TypeError,
    'Cannot use env.net: the job does not ask for it. Add "net" to its permissions',
  );
});

Deno.test("runJob() asks the job to stop when its signal fires", async () => {
  const heeds = defineJob({
    ...RUN,
    run(_n, { check, signal }) {
      check();
      return signal.aborted;
    },
  });
  assertEquals(await runJob(heeds, 1), false);
  await assertRejects(() => runJob(heeds, 1, { signal: AbortSignal.abort() }), Cancelled);
});

Deno.test("runJob() tells of progress, and answers calls that the job lists", async () => {
  type Offered = { double: (n: number) => number; halve: (n: number) => number };
  const calls = defineJob({
    ...RUN,
    calls: callsOf<Offered>()("double"),
    async run(n, { call, progress }) {
      progress(1, 2, "half of it");
      return await call("double", n);
    },
  });
  const seen: Progress[] = [];
  const options = { onProgress: (progress: Progress) => void seen.push(progress) };
  const services = { double: (n: number) => n * 2 };
  assertEquals(await runJob(calls, 2, { ...options, services }), 4);
  assertEquals(seen, [{ done: 1, total: 2, note: "half of it" }]);
  await assertRejects(() => runJob(calls, 2), TypeError, "Cannot call double");
});
