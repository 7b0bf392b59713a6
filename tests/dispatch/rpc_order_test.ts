import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RPC_ERROR_NUMBERS } from "../../src/protocol/mod.ts";
import { request, response, responses } from "./rpc_lines.ts";
import { talk } from "./talk.ts";

Deno.test("A response goes out as soon as its job has ended, before those of earlier requests", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 1) + request("fib", [2], 2) + request("fib", [3], 3));
    await clock.settle();
    for (const index of [2, 0, 0]) pool.settle(index, { kind: "done", result: `${index}` });
    await client.conn.closeWrite();
    const ids = responses(await client.hear()).map(({ id }) => id);
    assertEquals(ids, [3, 1, 2]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("Text keeps the order of its lines, and JSON-RPC on the same connection does not wait for it", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(`1\n${request("fib", [2], "b")}PING\n${request("fib", [3], "c")}`);
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3"]);
    pool.settle(2, { kind: "done", result: "33" });
    pool.settle(1, { kind: "done", result: "22" });
    await client.conn.closeWrite();
    await clock.settle();
    pool.finish(0);
    const [c, b, ...text] = (await client.hear()).trim().split("\n");
    assertEquals([c, b], [response("c", 33), response("b", 22)]);
    assertEquals(text, ["Result: <1>", "PONG"]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A batch is answered as one array in the order of its requests, when the last has ended", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    const members = [
      request("fib", [1], 1),
      request("fib", [2]),
      "5",
      request("nothing", [], "x"),
      request("fib", [3], 3),
    ].map((line) => line.trim());
    await client.say(`[${members.join()}]\n`);
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3"]);
    for (const index of [2, 0, 0]) pool.settle(index, { kind: "done", result: "0" });
    await client.conn.closeWrite();
    const [batch, ...more] = (await client.hear()).trim().split("\n");
    assertEquals(more, []);
    const ids = JSON.parse(batch!).map(({ id }: { id: unknown }) => id);
    assertEquals(ids, [1, null, "x", 3]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A batch of notifications is run, and not answered", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(`[${request("fib", [1]).trim()},${request("nothing", []).trim()}]\n`);
    await clock.settle();
    assertEquals(pool.taken, ["1"]);
    pool.settle(0, { kind: "failed", error: { name: "Error", message: "no" } });
    await client.conn.closeWrite();
    assertEquals(await client.hear(), "");
  });
  assertEquals(thrown, undefined);
});

Deno.test("Two requests with one id are both answered", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say(request("fib", [1], 7) + request("fib", [2], 7));
    await clock.settle();
    pool.settle(1, { kind: "done", result: "22" });
    pool.settle(0, { kind: "done", result: "11" });
    await client.conn.closeWrite();
    assertEquals(await client.hear(), `${response(7, 22)}\n${response(7, 11)}\n`);
  });
  assertEquals(thrown, undefined);
});

/** A line that a client may send, and how many replies it gets, by whose id. */
interface Said {
  readonly line: string;
  readonly ids: readonly unknown[];
}

const id = fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.constant(null));
const params = fc.oneof(fc.constant(undefined), fc.array(fc.integer(), { maxLength: 2 }));
const method = fc.constantFrom("fib", "echo", "nothing", "rpc.discover");
const asked: fc.Arbitrary<Said> = fc.tuple(method, params, id)
  .map(([method, params, id]) => ({ line: request(method, params, id).trim(), ids: [id] }));
const told: fc.Arbitrary<Said> = fc.tuple(method, params)
  .map(([method, params]) => ({ line: request(method, params).trim(), ids: [] }));
const nonsense: fc.Arbitrary<Said> = fc.constantFrom("{}", "[]", "{", "[1", '{"id":1}', "[{]")
  .map((line) => ({ line, ids: [line === '{"id":1}' ? 1 : null] }));
const batch: fc.Arbitrary<Said> = fc.array(fc.oneof(asked, told), { minLength: 1, maxLength: 5 })
  .map((members) => ({
    line: `[${members.map(({ line }) => line).join()}]`,
    ids: members.flatMap(({ ids }) => ids),
  }));

Deno.test("Every request with an id gets one response, every notification none, in whatever order jobs end", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.oneof(asked, told, nonsense, batch), { maxLength: 15 }),
    fc.infiniteStream(fc.nat(1000)),
    fc.integer({ min: 1, max: 8 }),
    async (lines, ends, maxInFlight) => {
      // A batch may not hold more than may be under way.
      const fitting = lines.filter(({ line }) => !line.startsWith("[{") || maxInFlight >= 5);
      const setting = { dispatcher: { maxInFlight, maxProtocolErrors: 1000 } };
      const thrown = await talk(setting, async ({ client, pool, clock }) => {
        let hasHeard = false;
        const heard = client.hear().finally(() => hasHeard = true);
        await client.say(fitting.map(({ line }) => `${line}\n`).join(""));
        await client.conn.closeWrite();
        await clock.settle();
        while (pool.open.length > 0) {
          pool.settle(ends.next().value! % pool.open.length, { kind: "done", result: "0" });
          await clock.settle();
        }
        await clock.settle();
        assert(hasHeard, "all is answered");
        const key = (id: unknown) => JSON.stringify(id);
        const said = fitting.flatMap(({ ids }) => ids).map(key).toSorted();
        assertEquals(responses(await heard).map(({ id }) => key(id)).toSorted(), said);
      });
      assertEquals(thrown, undefined);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

Deno.test("A request has the code of how its job ended, and the figures of its run", async () => {
  const stop = { how: "killed", why: "its client left", ms: 105.25, verified: true } as const;
  const error = { name: "RangeError", message: "too much" };
  const endings = {
    FAILED: { kind: "failed", error },
    INVALID: { kind: "invalid", error },
    CANCELLED: { kind: "cancelled", stop },
    KILLED: { kind: "killed", stop },
    DEADLINE: { kind: "deadline", deadlineMs: 5, stop },
    OUT_OF_MEMORY: { kind: "out-of-memory", memory: "heap", memoryMb: 128 },
    CRASHED: { kind: "crashed", reason: "it exited" },
    BUSY: { kind: "refused", code: "BUSY", reason: "The queue is full" },
    DRAINING: { kind: "refused", code: "DRAINING", reason: "The server is stopping" },
    DENIED: { kind: "refused", code: "DENIED", reason: "It asks for net" },
  } as const;
  for (const [code, outcome] of Object.entries(endings)) {
    await talk({}, async ({ client, pool, clock }) => {
      await client.say(request("fib", [1], 1));
      await clock.settle();
      pool.settle(0, outcome);
      await client.conn.closeWrite();
      const [reply] = responses(await client.hear());
      const expected = RPC_ERROR_NUMBERS[code as keyof typeof RPC_ERROR_NUMBERS];
      assertEquals(reply?.error?.code, expected);
      assertEquals(reply?.error?.data, {
        code,
        outcome: outcome.kind,
        ...("error" in outcome ? { name: "RangeError" } : {}),
        queueMs: 1,
        runMs: 2,
        lane: 3,
        ...("stop" in outcome ? { how: "killed", stopMs: 105.25 } : {}),
      });
    });
  }
});
