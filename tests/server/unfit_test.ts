import { assertEquals, assertMatch } from "@std/assert";
import { type Address, realEnv } from "../../src/env/mod.ts";
import { runServer } from "../../src/server.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { FakePool, fixtureJobs } from "../pool/fake_pool.ts";
import { RawClient } from "./raw_client.ts";

Deno.test("A server with more stuck lanes than it may have answers, drains, and ends as unfit", async () => {
  const { env, threads, clock, log } = new FakePool();
  const listening = Promise.withResolvers<Address>();
  const end = runServer({ ...env, net: realEnv().net }, {
    listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
    jobs: await fixtureJobs("gated"),
    cores: 1,
    spares: 0,
    selfTest: false,
    graceMs: 0,
    deadlineMs: 50,
    maxStuck: 0,
    onListening: listening.resolve,
  });
  using client = await RawClient.connect(await listening.promise);
  threads.killsTake = false;
  const id = gates.nextId();
  await client.say(
    `{"jsonrpc":"2.0","id":1,"method":"gated","params":{"id":${id},"heeds":false}}\n`,
  );
  await gates.arrival(id);
  await clock.advance(50);
  assertMatch((await client.hearLine())!, /it was killed, but had not ended/);
  threads.killsTake = true;
  await client.end();
  assertEquals(await end, "unfit");
  const reason = /^The server must be restarted, and drains/;
  assertEquals(log.messages("error").filter((line) => reason.test(line)).length, 1);
  gates.open(id);
});
