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
      await quick.untilBusy(2);
      const replies = await quick.ask(...Array.from({ length: 100 }, () => "10"));
      assertEquals(replies, Array.from({ length: 100 }, () => "Result: 55"));
    });
  });
});

Deno.test("With maxConnections 2 a third client is served once one of the first has left", async () => {
  await withServer({ maxConnections: 2 }, async ({ connect }) => {
    const clients = await Promise.all(Array.from({ length: 10 }, connect));
    const served: Promise<number>[] = clients.map((client, i) => client.ask("PING").then(() => i));
    const waiting = new Set(served.keys());
    const mostAtOnce: number[] = [];
    while (waiting.size > 0) {
      const index = await Promise.race([...waiting].map((i) => served[i]!));
      mostAtOnce.push(Number(await clients[index]!.stat("connections")));
      waiting.delete(index);
      clients[index]!.close();
    }
    assertEquals(Math.max(...mostAtOnce), 2);
    assertEquals(mostAtOnce.length, 10);
  });
});
