import { assert, assertEquals, assertMatch } from "@std/assert";
import { request, response, responses } from "./rpc_lines.ts";
import { talk } from "./talk.ts";

Deno.test("Requests in JSON-RPC and text count together towards maxInFlight", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 3 } }, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1) + "2\n" + request("fib", [3]) + request("fib", [4], 4));
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3"]);
    pool.settle(2, { kind: "done", result: "0" });
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3", "4"]);
    pool.finishAll();
  });
  assertEquals(thrown, undefined);
});

Deno.test("A batch larger than maxInFlight is refused in one error", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 2 } }, async ({ client, pool }) => {
    const member = request("fib", [1], 1).trim();
    await client.say(`[${member},${member},${member}]\n`);
    await client.conn.closeWrite();
    const [reply] = responses(await client.hear());
    assertEquals([reply?.id, reply?.error?.code], [null, -32600]);
    assertMatch(String(reply?.error?.data.reason), /a batch of 3 requests: the limit is 2/);
    assertEquals(pool.taken, []);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A response as long as the limit is sent, a longer one gives way to an error", async () => {
  const limit = response(1, "x".repeat(100)).length;
  const thrown = await talk({ dispatcher: { maxReplyBytes: limit } }, async (
    { client, pool, clock },
  ) => {
    await client.say(request("fib", [1], 1) + request("fib", [2], 2) + request("fib", [3], 3));
    await clock.settle();
    pool.settle(0, { kind: "done", result: `"${"x".repeat(100)}"` });
    pool.settle(0, { kind: "done", result: `"${"x".repeat(101)}"` });
    pool.settle(0, { kind: "done", result: `"${"\u00e9".repeat(51)}"` });
    await client.conn.closeWrite();
    const [fits, ...longer] = responses(await client.hear());
    assertEquals(fits?.result, "x".repeat(100));
    assertEquals(longer.map(({ id, error }) => [id, error?.code]), [[2, -32009], [3, -32009]]);
    assertEquals(
      longer[0]?.error?.message,
      `Cannot send a reply of ${
        limit + 1
      } bytes: the limit is ${limit} bytes, and the operator may raise it`,
    );
  });
  assertEquals(thrown, undefined);
});

Deno.test("An error longer than a reply may be gives way to a shorter one", async () => {
  const thrown = await talk({ dispatcher: { maxReplyBytes: 1000 } }, async (
    { client, pool, clock },
  ) => {
    await client.say(request("fib", [1], 1));
    await clock.settle();
    pool.settle(0, { kind: "failed", error: { name: "Error", message: "x".repeat(2000) } });
    await client.conn.closeWrite();
    const [reply] = responses(await client.hear());
    assertEquals([reply?.id, reply?.error?.code], [1, -32009]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A text reply over the limit gives way to an error", async () => {
  const limit = "Result: ".length + 100;
  const thrown = await talk({ dispatcher: { maxReplyBytes: limit } }, async (
    { client, pool, clock },
  ) => {
    await client.say("1\n2\n");
    await clock.settle();
    pool.settle(0, { kind: "done", result: "x".repeat(100) });
    pool.settle(0, { kind: "done", result: "x".repeat(101) });
    await client.conn.closeWrite();
    assertEquals((await client.hear()).split("\n"), [
      `Result: ${"x".repeat(100)}`,
      "Error: Cannot send a reply of 109 bytes: the limit is 108 bytes, and the operator may raise it [RESPONSE_TOO_LONG]",
      "",
    ]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A batch whose responses are too long together is answered in one error", async () => {
  const thrown = await talk({ dispatcher: { maxReplyBytes: 200 } }, async (
    { client, pool, clock },
  ) => {
    const members = [1, 2, 3].map((id) => request("fib", [id], id).trim());
    await client.say(`[${members.join()}]\n`);
    await clock.settle();
    for (const _ of members) pool.settle(0, { kind: "done", result: `"${"x".repeat(50)}"` });
    await client.conn.closeWrite();
    const [reply, ...more] = responses(await client.hear());
    assertEquals([reply?.id, reply?.error?.code, more.length], [null, -32009, 0]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A line over the limit is answered in the way of speaking that it began in", async () => {
  const thrown = await talk({ connection: { maxLineBytes: 64 } }, async ({ client }) => {
    await client.say(`{${"x".repeat(64)}\n[${"x".repeat(64)}\nx${"x".repeat(64)}\n`);
    await client.conn.closeWrite();
    const [object, array, text] = (await client.hear()).split("\n");
    for (const line of [object, array]) {
      const { id, error } = JSON.parse(line!);
      assertEquals([id, error.code, error.data.code], [null, -32008, "LINE_TOO_LONG"]);
    }
    assertEquals(
      text,
      "Error: Cannot read a line of 65 bytes: the limit is 64 bytes [LINE_TOO_LONG]",
    );
  });
  assertEquals(thrown, undefined);
});

Deno.test("A line of JSON that is not UTF-8 is a parse error", async () => {
  const thrown = await talk({}, async ({ client }) => {
    await client.conn.write(Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a));
    await client.conn.closeWrite();
    const [reply] = responses(await client.hear());
    assertEquals([reply?.id, reply?.error?.code], [null, -32700]);
  });
  assertEquals(thrown, undefined);
});

const nonsense = {
  "that are no JSON": ["{\n", -32010],
  "that are no request": ["[1]\n", -32010],
  "that are too long": [`${"x".repeat(65)}\n`, "[TOO_MANY_ERRORS]"],
} as const;

for (const [which, [line, last]] of Object.entries(nonsense)) {
  Deno.test(`After so many lines ${which} a client is let go, once what runs is answered`, async () => {
    const setting = { dispatcher: { maxProtocolErrors: 3 }, connection: { maxLineBytes: 64 } };
    const thrown = await talk(setting, async ({ client, pool, clock }) => {
      await client.say(`${request("fib", [1], 1)}${line}PING\n${line}${line}${line}PING\n`);
      await clock.settle();
      pool.settle(0, { kind: "done", result: "7" });
      const heard = (await client.hear()).trim().split("\n");
      assertEquals(heard.length, 6); // a PONG, three errors, why it is let go, a result
      assert(heard[4]?.includes("3 lines could not be read, which is the limit"), heard[4]);
      assert(heard[4]?.includes(String(last)), heard[4]);
      assertEquals(heard[5], response(1, 7));
    });
    assertEquals(thrown, undefined);
  });
}

Deno.test("Invalid numbers are no protocol errors: the original service bears any number of them", async () => {
  const thrown = await talk({ dispatcher: { maxProtocolErrors: 3 } }, async ({ client }) => {
    await client.say("what\n".repeat(100));
    await client.conn.closeWrite();
    assertEquals(await client.hear(), "Error: Invalid number\n".repeat(100));
  });
  assertEquals(thrown, undefined);
});

Deno.test("With the dialect numbers there is no JSON-RPC", async () => {
  const thrown = await talk({ dispatcher: { dialects: "numbers" } }, async ({ client }) => {
    await client.say(`${request("fib", [1], 1)}[]\n`);
    await client.conn.closeWrite();
    assertEquals(await client.hear(), "Error: Invalid number\n".repeat(2));
  });
  assertEquals(thrown, undefined);
});

Deno.test("A result that would break its line is not sent", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1));
    await clock.settle();
    pool.settle(0, { kind: "done", result: '1}\n{"jsonrpc":"2.0","result":2,"id":2}' });
    await client.conn.closeWrite();
    const [reply, ...more] = responses(await client.hear());
    assertEquals([reply?.id, reply?.error?.code, more.length], [1, -32603, 0]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A draining server tells a client that reads notifications, and no other", async () => {
  for (const meta of [{ progressToken: 1 }, {}]) {
    const thrown = await talk({}, async ({ client, pool, clock, draining }) => {
      await client.say(request("fib", { _meta: meta }, 1));
      await clock.settle();
      draining.abort();
      await clock.advance(50);
      pool.settle(0, { kind: "done", result: "7" });
      const methods = (await client.hear()).trim().split("\n").map((line) =>
        JSON.parse(line).method
      );
      assertEquals(methods, "progressToken" in meta ? ["$/draining", undefined] : [undefined]);
    });
    assertEquals(thrown, undefined);
  }
});

Deno.test("A client may want an earlier deadline than the job's, and no later one", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1, { _meta: { deadlineMs: 5 } }], 1));
    await client.say(request("fib", [1, { _meta: { deadlineMs: 1e9 } }], 2));
    await client.say(request("fib", [1, { _meta: { deadlineMs: -1 } }], 3));
    await clock.settle();
    assertEquals(pool.open.map(({ deadlineMs }) => deadlineMs), [5, 30_000]);
    pool.settle(0, { kind: "done", result: "1" });
    pool.settle(0, { kind: "done", result: "1" });
    await client.conn.closeWrite();
    const [refused] = responses(await client.hear());
    assertEquals([refused?.id, refused?.error?.code], [3, -32602]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("An unknown method is told with the job that was perhaps meant", async () => {
  const thrown = await talk({}, async ({ client }) => {
    await client.say(request("ech", ["a"], 1) + request("x".repeat(10_000), [], 2));
    await client.conn.closeWrite();
    const [near, far] = responses(await client.hear());
    assertEquals(
      near?.error?.data.reason,
      'Cannot find the job "ech": there is none of that name; did you mean "echo"?',
    );
    assert(String(far?.error?.data.reason).length < 200);
  });
  assertEquals(thrown, undefined);
});

Deno.test("rpc.discover answers an OpenRPC document with every job", async () => {
  const thrown = await talk({}, async ({ client }) => {
    await client.say(request("rpc.discover", [], 1));
    await client.conn.closeWrite();
    const [reply] = responses(await client.hear());
    const { openrpc, info, methods } = reply?.result as Record<string, unknown[]>;
    assertEquals(openrpc as unknown, "1.3.2");
    assertEquals(Object.keys(info!), ["title", "version"]);
    assertEquals(methods!.map((method) => (method as { name: string }).name), ["fib", "echo"]);
  });
  assertEquals(thrown, undefined);
});
