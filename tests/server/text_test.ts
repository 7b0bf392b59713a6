import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withServer } from "./with_server.ts";

Deno.test("Text commands are answered", async (t) => {
  await withServer({ maxLineBytes: 200, deadlineMs: 200 }, async ({ connect, log }) => {
    await t.step("A job's name, a blank and its text run the job", async () => {
      using client = await connect();
      assertEquals(await client.ask("sha256 hello", "primes 100", "fib 30", "sleep 1"), [
        "Result: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "Result: 25",
        "Result: 832040",
        "Result: 1",
      ]);
    });

    await t.step("Replies keep the order of the requests, whatever each takes", async () => {
      using client = await connect();
      assertEquals(
        await client.ask("sleep 50", "PING", "nonsense", "1"),
        ["Result: 50", "PONG", "Error: Invalid number", "Result: 1"],
      );
    });

    await t.step("What a job refuses, and what it throws, is told in words", async () => {
      using client = await connect();
      const [refused, unknown] = await client.ask("primes many", "primse 10");
      assertMatch(refused!, /^Error: Cannot run the job on this input: .+ \[INVALID\]$/);
      assertMatch(unknown!, /^Error: .*did you mean "primes"\? \[UNKNOWN_JOB\]$/);
    });

    await t.step("HELP, JOBS and STATS end with a line that holds a dot", async () => {
      using client = await connect();
      assertStringIncludes((await client.askBlock("HELP")).join("\n"), "sha256 hello");
      assertStringIncludes((await client.askBlock("HELP primes")).join("\n"), "primes 1000000");
      const names = (await client.askBlock("JOBS")).map((line) => line.split(" ")[0]);
      for (const name of ["fib", "primes", "sha256", "sleep", "spin"]) assert(names.includes(name));
      assertEquals(await client.stat("connections"), "1");
      assertEquals(await client.ask("PING"), ["PONG"]);
    });

    await t.step(
      "A line over the limit and one that is not UTF-8 are refused, and the connection stays",
      async () => {
        using client = await connect();
        await client.say(`sha256 ${"x".repeat(300)}\n`);
        await client.say(Uint8Array.of(0x73, 0xc3, 0x28, 0x0a));
        assertEquals([...await client.hearLines(2), ...await client.ask("30")], [
          "Error: Cannot read a line of 307 bytes: the limit is 200 bytes [LINE_TOO_LONG]",
          "Error: Cannot read a line of 3 bytes: it is not UTF-8 [INVALID]",
          "Result: 832040",
        ]);
      },
    );

    await t.step(
      "A job that runs longer than its deadline is stopped, and so it is said",
      async () => {
        using client = await connect();
        const [reply] = await client.ask("spin");
        assertMatch(
          reply!,
          /^Error: The job was stopped, as it ran longer than its deadline of 200 ms; it was killed after \d+ ms \[DEADLINE\]$/,
        );
        const { level, fields } = await log.untilJob(client);
        assertEquals([level, fields.job, fields.how], ["warn", "spin", "killed"]);
        assert(Number(fields.stopMs) >= 100, "it had its grace");
      },
    );

    await t.step("QUIT says goodbye", async () => {
      using client = await connect();
      await client.say("30\nQUIT\n31\n");
      assertEquals(await client.hearAll(), "Result: 832040\nBYE\n");
    });

    await t.step("HTTP and TLS get one line and a close", async () => {
      using browser = await connect();
      await browser.say("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      assertMatch(
        await browser.hearAll(),
        /^Error: Cannot speak HTTP on this port: .*\[INVALID\]\n$/,
      );
      using hello = await connect();
      await hello.say(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00));
      assertMatch(await hello.hearAll(), /^Error: Cannot speak TLS on this port: .*\[INVALID\]\n$/);
    });
  });
});
