import { assertEquals } from "@std/assert";
import { withServer } from "./with_server.ts";

Deno.test("Many lines and many clients are answered", async (t) => {
  await withServer({}, async ({ connect }) => {
    await t.step("10,000 lines of one client are all answered, in their order", async () => {
      using client = await connect();
      const lines = Array.from({ length: 10_000 }, (_, i) => `${-i}`);
      const said = client.say(lines.join("\n")).then(() => client.end());
      const heard = await client.hearAll();
      await said;
      assertEquals(heard === lines.map((line) => `Result: ${Number(line)}\n`).join(""), true);
    });

    await t.step("200 clients at once are all answered", async () => {
      const clients = await Promise.all(Array.from({ length: 200 }, connect));
      const replies = await Promise.all(
        clients.map((client, i) => client.ask(`${-i}`, `sha256 ${i}`, "PING", "20")),
      );
      assertEquals(replies.map((reply) => reply[0]), clients.map((_, i) => `Result: ${0 - i}`));
      assertEquals(
        replies.every(([, , pong, fib]) => `${pong} ${fib}` === "PONG Result: 6765"),
        true,
      );
      for (const client of clients) client.close();
    });

    await t.step("A client with a long job does not hold up another", async () => {
      using slow = await connect();
      using quick = await connect();
      await slow.say("50\n50\n50\n50\n");
      await quick.untilRunning(2);
      const replies = await quick.ask(...Array.from({ length: 100 }, () => "10"));
      assertEquals(replies, Array.from({ length: 100 }, () => "Result: 55"));
    });
  });
});

Deno.test("With maxConnections 2 a third client gets one line and a close, until one of them has left", async () => {
  await withServer({ maxConnections: 2 }, async ({ connect }) => {
    const [first, second] = [await connect(), await connect()];
    assertEquals(await first.ask("PING"), ["PONG"]);
    assertEquals(await second.ask("PING"), ["PONG"]);
    const limit = "2 clients are connected, which is the limit";
    for (let i = 0; i < 100; i++) { // more than are told at a time
      using third = await connect();
      await third.say("30\n").catch(() => {}); // it may have been closed by now
      const words = `Error: Cannot serve you: ${limit}. Try again later [BUSY]\n`;
      assertEquals(await third.hearAll(), words);
    }
    second.close();
    await first.untilStat("connections", "1");
    using next = await connect();
    assertEquals(await next.ask("PING"), ["PONG"]);
    first.close();
  });
});
