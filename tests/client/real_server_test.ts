import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { CallError, type Client, connect } from "../../src/client/mod.ts";
import { realEnv } from "../../src/env/mod.ts";
import { jobRef } from "../../src/job/mod.ts";
import type { Grants } from "../../src/pool/mod.ts";
import { PATIENT_SLEEP, withServer } from "../server/with_server.ts";

const env = realEnv();
const folder = new URL("../fixtures/jobs/talking", import.meta.url).pathname;
const count = jobRef<typeof import("../fixtures/jobs/talking/count.ts")>("count");

/** Runs `test` with a client of a real server, whose jobs talk. */
async function withClient(
  test: (client: Client) => Promise<void>,
  jobs = folder,
  grants: Grants = {},
): Promise<void> {
  const dir = await env.fs.subtree(decodeURIComponent(jobs).slice(1));
  await withServer({ jobs: dir, grants, cores: 1, spares: 1 }, async ({ address }) => {
    await using client = await connect(env, address);
    await test(client);
  });
}

async function errorOf(call: Promise<unknown>): Promise<CallError> {
  const error = await assertRejects(() => call);
  assertInstanceOf(error, CallError);
  return error;
}

Deno.test("A client and a real server: items, progress, texts, digits", async (t) => {
  await withClient(async (client) => {
    await t.step("The items of a stream come one by one, in order", async () => {
      const items: number[] = await Array.fromAsync(client.stream(count, 100));
      assertEquals(items, Array.from({ length: 100 }, (_, i) => i + 1));
    });

    await t.step("Who leaves a stream has stopped its job", async () => {
      const seen: number[] = [];
      for await (const n of client.stream(count, 1e12)) {
        seen.push(n);
        if (n === 3) break;
      }
      assertEquals(seen, [1, 2, 3]);
      assertEquals(await client.call(count, 2), [1, 2]);
    });

    await t.step("A reader that takes its time gets every item", async () => {
      let sum = 0;
      for await (const n of client.stream(count, 200)) {
        if (n % 50 === 0) await client.call(count, 1).catch(() => {}); // waits behind the items
        sum += n;
      }
      assertEquals(sum, 20_100);
    });

    await t.step("Items before a failure are not lost", async () => {
      const seen: unknown[] = [];
      const reading = errorOf((async () => {
        for await (const item of client.stream("squares", 20)) seen.push(item);
      })());
      assertEquals((await reading).message, "there are only ten");
      assertEquals(seen.length, 10);
    });

    await t.step("Progress is told, the last of it always", async () => {
      const told: unknown[] = [];
      const options = { onProgress: (progress: unknown) => told.push(progress) };
      await client.call("tells", { progress: 1000, logs: 0 }, options);
      assertEquals(told.at(-1), { done: 1000, total: 1000, note: "step 1000" });
    });

    await t.step("A text is read by the job's parse, and its result is a text", async () => {
      assertEquals(await client.call("count", "3", { text: true }), "1 2 3");
      const { code } = await errorOf(client.call("count", 3, { text: true }));
      assertEquals(code, "INVALID");
    });

    await t.step("What is asked of no job is said in a sentence", async () => {
      const { code, message } = await errorOf(client.call("cuont", 3));
      assertEquals(code, "UNKNOWN_JOB");
      assertMatch(message, /did you mean "count"\?/);
    });
  });
});

Deno.test("A client and a real server: a job is stopped, and the error says how", async () => {
  const workers = new URL("../../workers", import.meta.url).pathname;
  await withClient(
    async (client) => {
      const late = await errorOf(client.call("spin", "", { deadlineMs: 20 }));
      assertEquals([late.code, late.figures.how], ["DEADLINE", "killed"]);

      const cancel = new AbortController();
      const calling = errorOf(client.call("sleep", 60_000, { signal: cancel.signal }));
      await client.call("sleep", 1); // behind it, on the same lane: it has begun
      cancel.abort();
      const { code, figures, cause } = await calling;
      assertEquals([code, figures.how, cause], ["CANCELLED", "asked", cancel.signal.reason]);

      assertEquals(await client.call("fib", -(2n ** 60n)), -(2n ** 60n));
    },
    workers,
    PATIENT_SLEEP,
  );
});
