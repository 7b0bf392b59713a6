import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import type { RawClient } from "./raw_client.ts";
import { PATIENT_SLEEP, withServer } from "./with_server.ts";

Deno.test("The jobs of a client that leaves are stopped", async (t) => {
  await withServer({ grants: PATIENT_SLEEP }, async ({ connect, log }) => {
    using watcher = await connect();

    await t.step(
      "A fib(50) is killed, the log says how and after how long, and the core is free",
      async () => {
        using client = await connect();
        await client.say("50\n");
        await watcher.untilRunning(1);
        assertEquals(await watcher.ask("30"), ["Result: 832040"]);
        client.close();
        const { level, message, fields } = await log.untilJob(client);
        assertMatch(message, /^job killed: its client left; it was killed after \d+ ms$/);
        assertEquals([level, fields.job, fields.how], ["warn", "fib", "killed"]);
        assert(Number(fields.stopMs) >= 100, "first it was asked, and had its grace");
        assertLess(Number(fields.stopMs), 20_000);
        assertEquals(await watcher.stat("lanes busy"), "0");
      },
    );

    await t.step("A sleep stops when asked", async () => {
      using client = await connect();
      await client.say("sleep 60000\n");
      await watcher.untilRunning(1);
      client.close();
      const { level, message } = await log.untilJob(client);
      assertMatch(message, /^job cancelled: its client left; it stopped when asked, after \d+ ms$/);
      assertEquals(level, "info");
    });

    await t.step("What waits never starts", async () => {
      using client = await connect();
      const killsBefore = Number(await watcher.stat("kills"));
      await client.say("spin\n".repeat(20));
      await watcher.untilRunning(2);
      client.close();
      await log.until(() => jobLines(client).length === 20);
      const how = Map.groupBy(jobLines(client), ({ fields }) => fields.how);
      assertEquals(how.get("never-started")!.length, 20 - how.get("killed")!.length);
      assertEquals(Number(await watcher.stat("kills")) - killsBefore, how.get("killed")!.length);
      assertLess(how.get("killed")!.length, 20);
    });

    await t.step("A client that resets its connection has left too", async () => {
      using client = await connect();
      await watcher.untilStat("lanes busy", "0");
      await client.say("PING\nspin\n");
      await watcher.untilRunning(1);
      client.close(); // over an unread PONG: the kernel sends an RST
      assertMatch((await log.untilJob(client)).message, /^job killed: its client left; /);
    });

    await t.step("A client that leaves behind lines that are not read has left too", async () => {
      using client = await connect();
      await watcher.untilStat("lanes busy", "0");
      await client.say("spin\n".repeat(2) + "30\n".repeat(10_000));
      await watcher.untilRunning(2);
      client.close();
      await log.until(() => jobLines(client).length >= 2);
      await watcher.untilStat("lanes busy", "0");
      await watcher.untilStat("connections", "1");
      for (const { message } of jobLines(client)) assertStringIncludes(message, "its client left");
    });

    await t.step("A client that ends its half and waits is answered", async () => {
      using client = await connect();
      await client.say("sleep 300\n30");
      await client.end();
      assertEquals(await client.hearAll(), "Result: 300\nResult: 832040\n");
    });

    await t.step("A client that ends its half and then leaves has left", async () => {
      using client = await connect();
      await client.say("spin\n");
      await client.end();
      await watcher.untilRunning(1);
      client.close();
      assertMatch((await log.untilJob(client)).message, /^job killed: its client left; /);
    });

    await t.step("A client that ends its half with 500 requests gets 500 replies", async () => {
      using client = await connect();
      await client.say("sleep 1\n".repeat(500));
      await client.end();
      assertEquals(await client.hearAll(), "Result: 1\n".repeat(500));
    });

    function jobLines(client: RawClient) {
      return log.records.filter(({ fields }) => fields.remote === client.name && fields.job);
    }
  });
});
