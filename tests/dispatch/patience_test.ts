import { assert, assertEquals } from "@std/assert";
import { hashToken } from "../../src/access/mod.ts";
import { talk } from "./talk.ts";

const LATE_LINE =
  "Error: Cannot wait any longer: a line that was begun did not end within 30 s [TIMED_OUT]\n";

Deno.test("A line that does not end in time is given up, however often a byte of it comes", async () => {
  const thrown = await talk({}, async ({ client, clock, hasEnded }) => {
    await client.say("PING\n");
    for (let i = 0; i < 30; i++) {
      await client.say("x");
      await clock.advance(999);
    }
    assert(!hasEnded());
    await clock.advance(30);
    assertEquals(await client.hear(), `PONG\n${LATE_LINE}`);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A line over the limit that does not end is given up too", async () => {
  const thrown = await talk({ connection: { maxLineBytes: 64 } }, async ({ client, clock }) => {
    await client.say("x".repeat(1000));
    await clock.advance(30_000);
    assertEquals(await client.hear(), LATE_LINE);
  });
  assertEquals(thrown, undefined);
});

Deno.test("The time is each line's own, and a client that waits for its replies has all the time", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 1, idleMs: 10_000 } }, async (
    { client, clock, pool, hasEnded },
  ) => {
    await client.say("PI");
    await clock.advance(20_000);
    await client.say("NG\nPI");
    await clock.advance(20_000);
    await client.say("NG\n1\n2\n3");
    await clock.advance(100_000);
    assert(!hasEnded());
    assertEquals(pool.taken, ["1"]);
    pool.finishAll();
    await clock.settle();
    pool.finishAll();
    await clock.settle();
    await clock.advance(29_999);
    assert(!hasEnded());
    await clock.advance(1);
    assertEquals(await client.hear(), `PONG\nPONG\nResult: <1>\nResult: <2>\n${LATE_LINE}`);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that asks for nothing may stay, unless there is an idle timeout", async () => {
  for (const idleMs of [undefined, 5_000]) {
    const thrown = await talk({ dispatcher: { idleMs } }, async ({ client, clock, hasEnded }) => {
      await clock.advance(4_999);
      await client.say("PING\n");
      await clock.advance(4_999);
      assert(!hasEnded());
      await clock.advance(1);
      if (idleMs === undefined) {
        await clock.advance(1e9);
        assert(!hasEnded());
        assertEquals(clock.timers, 0);
        await client.conn.closeWrite();
      }
      const late = "Error: Cannot wait any longer: you asked for nothing within 5 s [TIMED_OUT]\n";
      assertEquals(await client.hear(), `PONG\n${idleMs === undefined ? "" : late}`);
    });
    assertEquals(thrown, undefined);
  }
});

Deno.test("A client that must say who it is and does not is given up, whatever else it says", async () => {
  const principals = [{ name: "web", tokens: [hashToken("secret")] }];
  const thrown = await talk({ principals }, async ({ client, clock }) => {
    for (let i = 0; i < 30; i++) {
      await client.say("PING\n");
      await clock.advance(1000);
    }
    const late =
      "Error: Cannot wait any longer: you did not say who you are within 30 s [TIMED_OUT]\n";
    assertEquals(await client.hear(), `${"PONG\n".repeat(30)}${late}`);
  });
  assertEquals(thrown, undefined);
});

Deno.test("In the number dialect a client that is given up is only closed", async () => {
  const setting = { dispatcher: { dialects: "numbers" } } as const;
  const thrown = await talk(setting, async ({ client, clock }) => {
    await client.say("3");
    await clock.advance(30_000);
    assertEquals(await client.hear(), "");
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client of JSON-RPC is told in JSON-RPC", async () => {
  const thrown = await talk({}, async ({ client, clock }) => {
    await client.say('{"jsonrpc":"2.0","method":"x","id":1}\n{"jsonrpc":');
    await clock.advance(30_000);
    const [, last] = (await client.hear()).trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([last.id, last.error.code, last.error.data.code], [null, -32012, "TIMED_OUT"]);
  });
  assertEquals(thrown, undefined);
});
