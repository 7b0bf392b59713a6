import { assertEquals, assertStringIncludes } from "@std/assert";
import type { TextClient } from "../net/text_client.ts";
import { request } from "./rpc_lines.ts";
import { talk } from "./talk.ts";

const TOKEN = "t";

/** The line of a request for items, so many ahead of what was taken. */
function wanting(items: number | boolean, id: unknown): string {
  return request("fib", [1, { _meta: { progressToken: TOKEN, items } }], id);
}

function taken(items: number): string {
  return request("$/taken", { token: TOKEN, items });
}

/** What was heard, in short: an item, or the response to a request. */
function shortly(heard: string): unknown[] {
  return heard.trim().split("\n").filter((line) => line !== "").map((line) => {
    const { params, id, result } = JSON.parse(line);
    return params === undefined ? [id, result] : params.item;
  });
}

async function hearLines(client: TextClient, count: number): Promise<string> {
  let heard = "";
  while (heard.split("\n").length <= count) heard += await client.hear(1);
  return heard;
}

Deno.test("Items go out as they come, and the response behind them", async () => {
  await talk({}, async ({ client, pool, clock }) => {
    await client.say(wanting(true, 1));
    await clock.settle();
    for (const item of [1, 2, 3]) assertEquals(pool.open[0]!.item(String(item)), undefined);
    pool.settle(0, { kind: "done", result: '"end"' });
    await client.conn.closeWrite();
    assertEquals(shortly(await client.hear()), [1, 2, 3, [1, "end"]]);
  });
});

Deno.test("No more items are sent than the client has room for; the response waits for them", async () => {
  await talk({}, async ({ client, pool, clock }) => {
    await client.say(wanting(2, 1));
    await clock.settle();
    const [call] = pool.open;
    const waits = [1, 2, 3, 4].map((item) => call!.item(String(item)) !== undefined);
    assertEquals(waits, [false, false, true, true]);
    pool.settle(0, { kind: "done", result: '"end"' });
    await clock.settle();
    assertEquals(shortly(await hearLines(client, 2)), [1, 2]);

    await client.say(taken(1));
    assertEquals(shortly(await hearLines(client, 1)), [3]);
    await client.say(taken(2));
    assertEquals(shortly(await hearLines(client, 2)), [4, [1, "end"]]);
    await client.conn.closeWrite();
  });
});

Deno.test("A reader that cancels, or leaves, has its response without the items that it did not take", async () => {
  await talk({}, async ({ client, pool, clock }) => {
    await client.say(wanting(1, 1));
    await clock.settle();
    const [call] = pool.open;
    for (const item of [1, 2]) void call!.item(String(item));
    await client.say(request("$/cancelRequest", { id: 1 }));
    await clock.settle();
    assertEquals(pool.cancelled.length, 1);
    assertEquals(call!.item("3"), undefined);
    pool.settle(0, { kind: "done", result: '"end"' });
    await client.conn.closeWrite();
    assertEquals(shortly(await client.hear()), [1, [1, "end"]]);
  });
  const thrown = await talk({}, async ({ client, pool, clock, sw }) => {
    await client.say(wanting(1, 1));
    await clock.settle();
    for (const item of [1, 2]) void pool.open[0]!.item(String(item));
    pool.settle(0, { kind: "done", result: '"end"' });
    sw.fail(new Error("the client left"));
  });
  assertStringIncludes(String(thrown), "the client left");
});

Deno.test("A word of room gets past the limit of requests under way", async () => {
  await talk({ dispatcher: { maxInFlight: 1 } }, async ({ client, pool, clock }) => {
    await client.say(wanting(1, 1) + taken(1));
    await clock.settle();
    const [call] = pool.open;
    for (const item of [1, 2]) void call!.item(`${item}`);
    pool.settle(0, { kind: "done", result: '"end"' });
    assertEquals(shortly(await hearLines(client, 3)), [1, 2, [1, "end"]]);
    await client.conn.closeWrite();
  });
});

Deno.test("Progress goes out to a request with a token, and to no other", async () => {
  await talk({}, async ({ client, pool, clock }) => {
    await client.say(wanting(false, 1) + request("fib", [2], 2));
    await clock.settle();
    for (const call of pool.open) call.progressed({ done: 1, total: 2 });
    pool.settle(1, { kind: "done", result: "2" });
    pool.settle(0, { kind: "done", result: "1" });
    await client.conn.closeWrite();
    const [progress, ...rest] = (await client.hear()).trim().split("\n");
    const params = { token: TOKEN, value: { done: 1, total: 2 } };
    assertEquals(JSON.parse(progress!), { jsonrpc: "2.0", method: "$/progress", params });
    assertEquals(rest.length, 2);
  });
});

Deno.test("What _meta says of items must make sense", async () => {
  await talk({}, async ({ client }) => {
    await client.say(wanting(0, 1) + request("fib", [1, { _meta: { items: true } }], 2));
    await client.conn.closeWrite();
    const messages = (await client.hear()).trim().split("\n").map((line) =>
      JSON.parse(line).error.message
    );
    assertEquals(messages, [
      'Cannot read "_meta": its items must be true, false or a whole number from 1',
      'Cannot send items: "_meta" must have a progressToken for them to carry',
    ]);
  });
});

Deno.test("A client that has ended its half is sent all items: it cannot say that it took some", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(wanting(1, 1));
    await clock.settle();
    for (const item of [1, 2, 3]) void pool.open[0]!.item(String(item));
    await client.conn.closeWrite();
    await clock.settle();
    void pool.open[0]!.item("4");
    pool.settle(0, { kind: "done", result: '"end"' });
    assertEquals(shortly(await client.hear()), [1, 2, 3, 4, [1, "end"]]);
  });
  assertEquals(thrown, undefined);
});
