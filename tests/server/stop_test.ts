import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeLog, NetError, realEnv } from "../../src/env/mod.ts";
import { runServer } from "../../src/server.ts";
import { countLanes, untilNoLanes } from "./threads.ts";
import { JOBS, PATIENT_SLEEP, withServer } from "./with_server.ts";

Deno.test("A drain answers what runs, refuses what comes, accepts nobody, and ends as drained", async () => {
  const end = await withServer({}, async ({ connect, stop, log, address }) => {
    using client = await connect();
    using watcher = await connect();
    using idle = await connect();
    await client.say("sleep 500\n");
    await watcher.untilRunning(1);
    await client.say("QU"); // a line that is never finished
    stop.abort();
    await log.until(({ message }) => message.startsWith("draining: "));
    assertEquals(await idle.hearAll(), "");
    assertEquals(await watcher.hearAll(), "BYE The server is stopping\n");
    await assertRejects(() => connect(), Deno.errors.ConnectionRefused);
    assertEquals(await client.hearAll(), "Result: 500\nBYE The server is stopping\n");
    assertEquals(address.transport, "tcp");
  });
  assertEquals(end, "drained");
});

Deno.test("A drain that takes longer than drainMs is cut, and the log says what was", async () => {
  const logged: string[] = [];
  const options = { drainMs: 100, grants: PATIENT_SLEEP };
  const end = await withServer(options, async ({ connect, stop, log, end }) => {
    using client = await connect();
    using watcher = await connect();
    await client.say("50\nsleep 60000\n");
    await watcher.untilRunning(2);
    stop.abort();
    assertEquals(await client.hearAll().catch(() => ""), "");
    await end;
    logged.push(...log.records.map(({ message }) => message));
  });
  assertEquals(end, "cut");
  const why = "the server is stopping, and its drain took longer than 100 ms";
  const jobs = logged.filter((line) => line.startsWith("job ")).toSorted();
  assertEquals(jobs.length, 2);
  assertMatch(
    jobs[0]!,
    new RegExp(`^job cancelled: ${why}; it stopped when asked, after \\d+ ms$`),
  );
  assertMatch(jobs[1]!, new RegExp(`^job killed: ${why}; it was killed after \\d+ ms$`));
});

Deno.test("A cut ends everything: connections, jobs, and their threads", async () => {
  const end = await withServer({}, async ({ connect, cut, end }) => {
    using client = await connect();
    using watcher = await connect();
    await client.say("spin\nspin\n50\n");
    await watcher.untilRunning(2);
    cut.abort(new Error("the operator says so"));
    assertEquals(await watcher.hearAll().catch(() => ""), "");
    await end;
  });
  assertEquals(end, "cut");
});

Deno.test("A server that was stopped before it could listen for long is drained at once", async () => {
  const env = realEnv();
  const log = new FakeLog();
  const end = await runServer({ ...env, log }, {
    listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
    jobs: await env.fs.subtree(JOBS),
    cores: 1,
    selfTest: false,
    stop: AbortSignal.abort(),
  });
  assertEquals(end, "drained");
  await untilNoLanes();
});

Deno.test("A server that was cut before it began does nothing", async () => {
  const env = realEnv();
  const log = new FakeLog();
  const end = await runServer({ ...env, log }, {
    listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
    jobs: await env.fs.subtree(JOBS),
    cut: AbortSignal.abort(),
  });
  assertEquals([end, log.records.length, countLanes()], ["cut", 0, 0]);
});

Deno.test("A server whose port is in use says so before it starts a thread", async () => {
  await withServer({ cores: 1 }, async ({ address }) => {
    const env = realEnv();
    const before = countLanes();
    const options = { listen: address, jobs: await env.fs.subtree(JOBS) };
    const error = await assertRejects(
      () => runServer({ ...env, log: new FakeLog() }, options),
      NetError,
      "the address is in use",
    );
    assertEquals([error.code, countLanes()], ["address-in-use", before]);
  });
});
