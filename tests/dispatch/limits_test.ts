import { assert, assertEquals, assertLess } from "@std/assert";
import { talk } from "./talk.ts";

/** A reader's small buffer and its large one: what a client can make the server read ahead. */
const MOST_READ_AHEAD = 1024 + 65_536 + 1;

Deno.test("At maxInFlight no more lines are taken, little more is read, and an end lets it go on", async () => {
  const texts = Array.from({ length: 200 }, (_, i) => `${i} ${"x".repeat(1000)}`);
  const input = texts.map((text) => `echo ${text}\n`).join("");
  const setting = { net: { capacity: 1 << 20 }, dispatcher: { maxInFlight: 4 } };
  const thrown = await talk(setting, async ({ client, pool, accepted, clock }) => {
    await client.say(input);
    await clock.settle();
    assertEquals(pool.taken, texts.slice(0, 4));
    assertLess(input.length - accepted.unread, MOST_READ_AHEAD);
    pool.finish(2); // its reply waits for the first: there is still no room
    await clock.settle();
    assertEquals(pool.taken.length, 4);
    pool.finish(0);
    await clock.settle();
    assertEquals(pool.taken, texts.slice(0, 5));
    const heard = client.hear();
    await client.conn.closeWrite();
    while (pool.taken.length < texts.length || pool.open.length > 0) {
      pool.finishAll();
      await clock.settle();
    }
    assertEquals(await heard, texts.map((text) => `Result: <${text}>\n`).join(""));
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that ends its half with more lines than maxInFlight is answered in full", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 2 } }, async ({ client, pool, clock }) => {
    await client.say("1\n2\n3\n4\n5");
    await client.conn.closeWrite();
    await clock.settle(); // a server that spins here never comes back
    assertEquals(pool.taken, ["1", "2"]);
    pool.finishAll();
    await clock.settle();
    pool.finishAll();
    await clock.settle();
    pool.finishAll();
    const replies = [1, 2, 3, 4, 5].map((n) => `Result: <${n}>\n`).join("");
    assertEquals(await client.hear(), replies);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that does not read is not read, and is read again when it reads", async () => {
  const pings = "PING\n".repeat(10_000);
  const thrown = await talk(
    { net: { capacity: 1000 }, connection: { maxPendingBytes: 2000 } },
    async (
      { client, accepted, clock },
    ) => {
      const said = client.say(pings).then(() => client.conn.closeWrite());
      await clock.settle();
      assertEquals(accepted.unread, 1000); // all that the network holds
      const pongs = await client.hear();
      assertEquals(pongs, "PONG\n".repeat(10_000));
      await said;
    },
  );
  assertEquals(thrown, undefined);
});

Deno.test("A client that reads again gets its next lines started while a job of it goes on", async () => {
  const setting = { net: { capacity: 100 }, connection: { maxPendingBytes: 500 } };
  const thrown = await talk(setting, async ({ client, pool, clock }) => {
    await client.say("1\n2\n");
    await clock.settle();
    pool.settle(0, { kind: "done", result: "x".repeat(1000) });
    await client.say("3\n");
    await clock.settle();
    assertEquals(pool.taken, ["1", "2"]);
    await client.hear("Result: \n".length + 1000);
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3"]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that reads nothing for the stall time is cut, and its jobs are stopped", async () => {
  const setting = { net: { capacity: 100 }, connection: { stallMs: 1000 } };
  const thrown = await talk(setting, async ({ client, pool, clock, hasEnded }) => {
    await client.say("PING\n".repeat(20));
    await client.say("PING\n".repeat(15));
    await client.say("1\n");
    await clock.settle();
    await clock.advance(2000);
    const why = "its client does not read its replies";
    assertEquals(pool.cancelled, [{ text: "1", why }]);
    assert(!hasEnded(), "the job goes on, and the conversation with it");
    pool.finishAll();
    await clock.settle();
    assert(hasEnded());
  });
  assert(thrown instanceof Error);
});
