import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigError } from "../../src/config.ts";
import { type Address, FakeLog, NetError, realEnv, type TcpAddress } from "../../src/env/mod.ts";
import { runServer } from "../../src/server.ts";
import { JOBS, withServer } from "./with_server.ts";

const hasIpv6 = (() => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

function serves(address: Address): () => Promise<void> {
  return async () => {
    await withServer({ listen: address, cores: 1 }, async ({ connect, log }) => {
      using client = await connect();
      assertEquals(await client.ask("30"), ["Result: 832040"]);
      assert(log.lines.every((line) => !line.includes("without authentication")));
    });
  };
}

Deno.test({
  name: "A server listens on IPv6",
  ignore: !hasIpv6,
  fn: serves({ transport: "tcp", hostname: "::1", port: 0 }),
});

Deno.test("A server listens on a Unix socket, sees who leaves there, and removes its file", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/switchyard.sock`;
  try {
    await withServer(
      { listen: { transport: "unix", path }, cores: 1 },
      async ({ connect, log }) => {
        using watcher = await connect();
        using client = await connect();
        await client.say("spin\n");
        await watcher.untilRunning(1);
        client.close();
        await log.until(({ message }) => message.startsWith("job killed: its client left; "));
        assertEquals(await watcher.ask("30"), ["Result: 832040"]);
      },
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Servers share a port where each is told to", async () => {
  const env = { ...realEnv(), log: new FakeLog() };
  const jobs = await env.fs.subtree(JOBS);
  const loopback = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;
  const listen = [{ address: loopback, reusePort: true }];
  await withServer({ listen, cores: 1 }, async ({ address, connect }) => {
    const run = (reusePort: boolean, stop: AbortController) =>
      runServer(env, {
        listen: [{ address: address as TcpAddress, reusePort }],
        jobs,
        cores: 1,
        selfTest: false,
        stop: stop.signal,
        onListening: () => stop.abort(),
      });
    assertEquals(await run(true, new AbortController()), "drained");
    await assertRejects(() => run(false, new AbortController()), NetError, "is in use");
    using client = await connect();
    assertEquals(await client.ask("30"), ["Result: 832040"]);
  });
});

Deno.test("A server does not listen where others reach it and nobody is asked, unless told to", async () => {
  const listen = { transport: "tcp", hostname: "0.0.0.0", port: 0 } as const;
  const error = await assertRejects(() => withServer({ listen }, async () => {}), ConfigError);
  assertStringIncludes(error.message, "Cannot listen on 0.0.0.0:0: whoever reaches it could run");
  assertStringIncludes(error.message, "give --tokens");
  assertStringIncludes(error.message, "or say --insecure");
  await withServer({ listen, cores: 1, insecure: true }, async ({ connect }) => {
    using client = await connect();
    assertEquals(await client.ask("10"), ["Result: 55"]);
  });
});
