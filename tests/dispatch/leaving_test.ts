import { assert, assertEquals } from "@std/assert";
import { NetError } from "../../src/env/mod.ts";
import { talk } from "./talk.ts";

const WHY = "its client left";

const departures = {
  "resets": (client: { reset(): void }) => client.reset(),
  "closes": (client: { close(): void }) => client.close(),
};

for (const [name, leave] of Object.entries(departures)) {
  Deno.test(`A client that ${name} has its jobs cancelled, and the conversation ends with the last of them`, async () => {
    const thrown = await talk({}, async ({ client, pool, clock, hasEnded }) => {
      await client.say("1\n2\n3\n");
      await clock.settle();
      leave(client.conn);
      await clock.advance(100);
      assertEquals(pool.cancelled, ["1", "2", "3"].map((text) => ({ text, why: WHY })));
      pool.finish(1);
      pool.finish(0);
      await clock.settle();
      assert(!hasEnded(), "one still runs");
      pool.finish(0);
      await clock.settle();
      assert(hasEnded());
    });
    assert(thrown instanceof NetError);
  });
}

Deno.test("A client that leaves while it has asked for enough has its jobs cancelled", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 2 } }, async ({ client, pool, clock }) => {
    await client.say("1\n2\n3\n4\n");
    await clock.settle();
    client.conn.close();
    await clock.advance(100);
    assertEquals(pool.cancelled.map(({ text }) => text), ["1", "2"]);
    pool.finishAll();
    await clock.settle();
    assertEquals(pool.taken, ["1", "2"]); // what was not taken never runs
  });
  assert(thrown instanceof NetError);
});

Deno.test("A client that leaves after its QUIT has its jobs cancelled", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\nQUIT\n");
    await clock.settle();
    client.conn.close();
    await clock.advance(100);
    assertEquals(pool.cancelled, [{ text: "1", why: WHY }]);
    pool.finishAll();
  });
  assert(thrown instanceof NetError);
});

Deno.test("A client that ends its half and waits is answered all that it asked for", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\n2");
    await client.conn.closeWrite();
    await clock.advance(5000);
    assertEquals(pool.cancelled, []);
    pool.finishAll();
    assertEquals(await client.hear(), "Result: <1>\nResult: <2>\n");
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that ends its half and then leaves has its jobs cancelled", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\n");
    await client.conn.closeWrite();
    await clock.advance(1000);
    assertEquals(pool.cancelled, []);
    client.conn.close();
    await clock.advance(1000);
    assertEquals(pool.cancelled, [{ text: "1", why: WHY }]);
    pool.finishAll();
  });
  assert(thrown instanceof NetError);
});

Deno.test("Cancelling a connection's switch cancels its jobs, for the reason that the switch gives", async () => {
  const thrown = await talk({}, async ({ pool, client, clock, sw, hasEnded }) => {
    await client.say("1\n");
    await clock.settle();
    sw.fail(new Error("the server is stopping"));
    assertEquals(pool.cancelled, [{ text: "1", why: "the server is stopping" }]);
    await clock.settle();
    assert(!hasEnded());
    pool.finishAll();
    await clock.settle();
    assert(hasEnded());
  });
  assertEquals((thrown as Error).message, "the server is stopping");
});

Deno.test("A client without requests that leaves is no failure", async () => {
  const thrown = await talk({}, async ({ client, clock, hasEnded, log }) => {
    await client.say("PING\n");
    await client.hear(5);
    client.conn.close();
    await clock.settle();
    assert(hasEnded());
    assertEquals(log.records, []);
  });
  assertEquals(thrown, undefined);
});
