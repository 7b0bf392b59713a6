import { assertEquals } from "@std/assert";
import { withServer } from "./with_server.ts";

Deno.test("With a cache a second client has the result of the first, without a run", async () => {
  await withServer({ cache: { ttlMs: 3_600_000 } }, async ({ connect }) => {
    using first = await connect();
    using second = await connect();
    assertEquals(await first.ask("20"), ["Result: 6765"]);
    assertEquals(await second.ask("20", "fib 20"), ["Result: 6765", "Result: 6765"]);
    assertEquals(await first.stat("results cached"), "2");
    assertEquals((await first.askBlock("STATS fib")).slice(0, 3).map(withoutBlanks), [
      "job: fib",
      "requests: 3",
      "done: 3",
    ]);
  });
});

Deno.test("A run that clients share is stopped when the last of them has left", async () => {
  await withServer({ coalesce: true }, async ({ connect }) => {
    using watcher = await connect();
    const clients = [await connect(), await connect()];
    for (const client of clients) await client.say("50\n");
    await watcher.untilStat("sharing a run", "1");

    clients[0]!.close();
    await watcher.untilStat("cancelled", "1");
    assertEquals(await watcher.stat("lanes busy"), "1");

    clients[1]!.close();
    await watcher.untilStat("killed", "1");
    assertEquals(await watcher.stat("lanes ended, killed"), "1");
  });
});

function withoutBlanks(line: string): string {
  return line.replaceAll(/ +/g, " ");
}
