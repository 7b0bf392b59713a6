import { assert, assertEquals } from "@std/assert";
import { request, responses } from "./rpc_lines.ts";
import { talk } from "./talk.ts";

const STOP = { how: "asked", why: "its client cancelled it", ms: 2, verified: true } as const;
const KILLED = { kind: "killed", stop: { ...STOP, how: "killed" } } as const;
const WHY = "its client cancelled it";

const customs = {
  "LSP's": (id: unknown) => request("$/cancelRequest", { id }),
  "MCP's": (id: unknown) => request("notifications/cancelled", { requestId: id }),
};

for (const [whose, cancel] of Object.entries(customs)) {
  Deno.test(`A request cancelled in ${whose} custom gets its one response, -32800, however it was stopped`, async () => {
    const thrown = await talk({}, async ({ client, pool, clock }) => {
      await client.say(request("fib", [1], 1) + request("fib", [2], "1") + request("fib", [3], 3));
      await client.say(cancel("1") + cancel(3));
      await clock.settle();
      assertEquals(pool.cancelled, [{ text: "2", why: WHY }, { text: "3", why: WHY }]);
      pool.settle(2, KILLED);
      pool.settle(1, { kind: "cancelled", stop: STOP });
      pool.settle(0, { kind: "done", result: "1" });
      await client.conn.closeWrite();
      const heard = responses(await client.hear()).map(({ id, error }) => [
        id,
        error?.code,
        error?.data.outcome,
        error?.data.how,
      ]);
      assertEquals(heard, [
        [3, -32800, "killed", "killed"],
        ["1", -32800, "cancelled", "asked"],
        [1, undefined, undefined, undefined],
      ]);
    });
    assertEquals(thrown, undefined);
  });
}

Deno.test("A request that was done when its cancel came has its result", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1) + request("$/cancelRequest", { id: 1 }));
    await clock.settle();
    pool.settle(0, { kind: "done", result: "5" });
    await client.conn.closeWrite();
    assertEquals(responses(await client.hear()), [{ jsonrpc: "2.0", result: 5, id: 1 }] as unknown);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A cancel of what is not under way, or of nothing, is ignored", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1]) + request("fib", [2], 2));
    await client.say(request("$/cancelRequest", { id: 3 }) + request("$/cancelRequest"));
    await clock.settle();
    assertEquals(pool.cancelled, []);
    pool.settle(0, { kind: "done", result: "1" });
    pool.settle(0, { kind: "done", result: "2" });
    await client.conn.closeWrite();
    assertEquals(responses(await client.hear()).map(({ id }) => id), [2]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A cancel that is a request is told whether there was something to cancel", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1));
    await client.say(
      request("$/cancelRequest", { id: 1 }, 2) + request("$/cancelRequest", { id: 5 }, 3),
    );
    await clock.settle();
    pool.settle(0, { kind: "cancelled", stop: STOP });
    await client.conn.closeWrite();
    const heard = responses(await client.hear()).map(({ id, result }) => [id, result]);
    assertEquals(heard, [[2, true], [3, false], [1, undefined]]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A cancel stops all requests of its id, those of a batch too, and says why in the log", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1));
    await client.say(`[${request("fib", [2], 1).trim()},${request("fib", [3], 2).trim()}]\n`);
    await client.say(request("notifications/cancelled", { requestId: 1, reason: "too slow" }));
    await clock.settle();
    const why = `${WHY}: too slow`;
    assertEquals(pool.cancelled, [{ text: "1", why }, { text: "2", why }]);
    pool.finishAll();
  });
  assertEquals(thrown, undefined);
});

Deno.test("CANCEL stops the job of a line of this connection, and its reply keeps its place", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("PING\n1\n2\nCANCEL 3\nPING\n");
    await clock.settle();
    assertEquals(pool.cancelled, [{ text: "2", why: WHY }]);
    pool.settle(1, { kind: "cancelled", stop: STOP });
    pool.finish(0);
    await client.conn.closeWrite();
    assertEquals((await client.hear()).trim().split("\n"), [
      "PONG",
      "Result: <1>",
      "Error: The job was cancelled, as its client cancelled it; it stopped when asked, after 2 ms [CANCELLED]",
      "Result: request 3 was asked to stop",
      "PONG",
    ]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("CANCEL of a line that is no job under way is refused", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\n2\n");
    await clock.settle();
    pool.finish(1);
    await client.say("CANCEL 2\nCANCEL 3\nCANCEL 9\n");
    await clock.settle();
    assertEquals(pool.cancelled, []);
    pool.finish(0);
    await client.conn.closeWrite();
    const refusal = (n: number) =>
      `Error: Cannot cancel request ${n}: no job of that line is under way [INVALID]`;
    const heard = (await client.hear()).trim().split("\n");
    assertEquals(heard, ["Result: <1>", "Result: <2>", refusal(2), refusal(3), refusal(9)]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that has asked for enough can still cancel", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 2 } }, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1) + "2\n" + request("$/cancelRequest", { id: 1 }));
    await client.say("CANCEL 2\n3\n" + request("fib", [4], 4));
    await clock.settle();
    assertEquals(pool.cancelled.map(({ text }) => text), ["1", "2"]);
    assertEquals(pool.taken, ["1", "2"]);
    pool.settle(0, { kind: "cancelled", stop: STOP });
    pool.settle(0, { kind: "cancelled", stop: STOP });
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3", "4"]);
    pool.settle(1, { kind: "done", result: "4" });
    pool.settle(0, { kind: "done", result: "3" });
    await client.conn.closeWrite();
    assertEquals((await client.hear()).split("\n").length, 6);
  });
  assertEquals(thrown, undefined);
});

Deno.test("Wishes to cancel do not get past the limit without end", async () => {
  const setting = { net: { capacity: 1 << 20 }, dispatcher: { maxInFlight: 2 } };
  const thrown = await talk(setting, async ({ client, pool, clock, accepted }) => {
    await client.say("1\n2\n" + "CANCEL 9\n".repeat(10_000));
    await clock.settle();
    assert(accepted.unread > 0, "it is not read on while the jobs run");
    const heard = client.hear();
    await client.conn.closeWrite();
    pool.finishAll();
    assertEquals((await heard).split("\n").length, 10_003);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that leaves has its requests in JSON-RPC cancelled", async () => {
  const thrown = await talk({}, async ({ client, pool, clock, hasEnded }) => {
    await client.say(request("fib", [1], 1) + request("fib", [2]));
    await clock.settle();
    client.conn.reset();
    await clock.advance(100);
    const why = "its client left";
    assertEquals(pool.cancelled, [{ text: "1", why }, { text: "2", why }]);
    assert(!hasEnded(), "they have not stopped");
    pool.finishAll();
    await clock.settle();
    assert(hasEnded());
  });
  assert(thrown instanceof Error);
});
