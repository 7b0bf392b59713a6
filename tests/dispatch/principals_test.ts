import { assertEquals, assertStringIncludes } from "@std/assert";
import { hashToken, Principals, type PrincipalSpec } from "../../src/access/mod.ts";
import { FakeClock } from "../../src/env/mod.ts";
import { type Setting, talk } from "./talk.ts";

function as(limits: Partial<PrincipalSpec>, dispatcher: Setting["dispatcher"] = {}): Setting {
  const principals = [{ name: "web", tokens: [hashToken("secret")], ...limits }];
  return { principals, dispatcher, arrival: { identity: "web", isTrusted: false } };
}

Deno.test("A principal is told of its jobs alone, and denied the others by name", async () => {
  const thrown = await talk(as({ jobs: ["echo"] }), async ({ client, pool, clock }) => {
    await client.say("JOBS\nfib 1\n30\nHELP fib\nechoo x\nnothing\n");
    const denied =
      'Error: Cannot run the job "fib": it is not one of yours; ask the operator [DENIED]\n';
    const jobs = "echo  does echo (DENIED: see HELP echo)\n.\n"; // the stand-in grants nothing
    const near =
      'Error: Cannot find the job "echoo": there is none of that name; did you mean "echo"? [UNKNOWN_JOB]\n';
    const heard = `${jobs}${denied.repeat(3)}${near}Error: Invalid number\n`;
    assertEquals(await client.hear(heard.length), heard);
    await client.say('{"jsonrpc":"2.0","method":"fib","params":[1],"id":1}\n');
    await client.say('{"jsonrpc":"2.0","method":"rpc.discover","id":2}\n');
    await client.say('{"jsonrpc":"2.0","method":"echo","params":["x"],"id":3}\n');
    await clock.settle();
    pool.settle(0, { kind: "done", result: "1" });
    await client.conn.closeWrite();
    const [call, discover] = (await client.hear()).split("\n").map((line) =>
      line && JSON.parse(line)
    );
    assertEquals(call.error.code, -32007);
    assertEquals(discover.result.methods.map(({ name }: { name: string }) => name), ["echo"]);
    assertEquals(pool.taken, ['"x"']);
  });
  assertEquals(thrown, undefined);
});

Deno.test("No more requests of a principal are under way than it may have, and the next begins when one ends", async () => {
  const thrown = await talk(as({ maxInFlight: 2 }), async ({ client, pool, clock }) => {
    await client.say("1\n2\n3\n4\n");
    await clock.settle();
    assertEquals(pool.taken, ["1", "2"]);
    pool.finish(0);
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3"]);
    await client.say("CANCEL 2\n"); // it stands behind line 4, which waits
    pool.finishAll();
    await clock.settle();
    assertEquals(pool.taken, ["1", "2", "3", "4"]);
    pool.finishAll();
    await client.conn.closeWrite();
    await client.hear();
  });
  assertEquals(thrown, undefined);
});

Deno.test("A batch holds no more requests than the principal may have under way", async () => {
  const thrown = await talk(as({ maxInFlight: 2 }), async ({ client, pool }) => {
    const call = '{"jsonrpc":"2.0","method":"fib","params":[1],"id":1}';
    await client.say(`[${call},${call},${call}]\n`);
    const refusal = "Cannot take a batch of 3 requests: the limit is 2";
    await client.conn.closeWrite();
    assertStringIncludes(await client.hear(), refusal);
    assertEquals(pool.taken, []);
  });
  assertEquals(thrown, undefined);
});

Deno.test("Lines that come faster than the rate wait, none is refused, and a batch counts its members", async () => {
  const thrown = await talk(as({ rate: 10, burst: 2 }), async ({ client, pool, clock }) => {
    const call = '{"jsonrpc":"2.0","method":"fib","params":[0],"id":1}';
    await client.say(`1\n2\n3\n[${call},${call},${call}]\n4\n`);
    await clock.settle();
    assertEquals(pool.taken, ["1", "2"]);
    await clock.advance(99);
    assertEquals(pool.taken.length, 2);
    await clock.advance(1);
    assertEquals(pool.taken.length, 3);
    await clock.advance(100);
    assertEquals(pool.taken.length, 6);
    await clock.advance(299); // two of the batch are owed, and one turn is for the line
    assertEquals(pool.taken.length, 6);
    await clock.advance(1);
    assertEquals(pool.taken.length, 7);
    pool.finishAll();
  });
  assertEquals(thrown, undefined);
});

Deno.test("A connection's own rate holds where nobody is asked, and a wish to cancel needs no turn", async () => {
  const thrown = await talk({ dispatcher: { rate: 1 } }, async ({ client, pool, clock }) => {
    await client.say("1\nCANCEL 1\n2\n");
    await clock.settle();
    assertEquals([pool.taken, pool.cancelled.length], [["1"], 1]);
    await clock.advance(1000);
    assertEquals(pool.taken, ["1", "2"]);
    pool.finishAll();
  });
  assertEquals(thrown, undefined);
});

Deno.test("What waits for a turn is answered by a drain, and leaves no timer when its client goes", async () => {
  const drained = await talk(
    { dispatcher: { rate: 0.01 } },
    async ({ client, pool, clock, draining }) => {
      await client.say("PING\nPING\nPING\n");
      await clock.settle();
      assertEquals(client.conn.unread, 5);
      draining.abort();
      await clock.advance(50);
      assertEquals(await client.hear(), "PONG\nPONG\nPONG\nBYE The server is stopping\n");
      client.conn.close();
      await clock.settle();
      assertEquals([pool.taken.length, clock.timers], [0, 0]);
    },
  );
  assertEquals(drained, undefined);
});

Deno.test("A request is no more urgent than its principal may be", async () => {
  const thrown = await talk(as({ priority: "low" }), async ({ client, pool, clock }) => {
    const meta = { _meta: { priority: "high" } };
    await client.say(
      `1\n${JSON.stringify({ jsonrpc: "2.0", method: "fib", params: meta, id: 1 })}\n`,
    );
    await clock.settle();
    assertEquals(pool.open.map(({ rank }) => rank), [2, 2]);
    assertEquals(new Set(pool.open.map(({ submitter }) => submitter)).size, 1);
    pool.finishAll();
  });
  assertEquals(thrown, undefined);
});

Deno.test("A principal with as many connections as it may have is told so, and closed", async () => {
  const principals = new Principals([{ name: "web", maxConnections: 1 }], new FakeClock());
  principals.named("web")!.enter({ onRoom() {}, onChange() {}, onRevoke() {} });
  const thrown = await talk(as({}, { principals }), async ({ client }) => {
    assertEquals(
      await client.hear(),
      'Error: Cannot let you in: "web" has 1 connections, which is the limit. Close one, or try again later [BUSY]\n',
    );
  });
  assertEquals(thrown, undefined);
});

Deno.test("Who is no principal any more has what runs answered, is told, and is closed", async () => {
  const principals = new Principals([{ name: "web" }], new FakeClock());
  const thrown = await talk(as({}, { principals }), async ({ client, pool, clock }) => {
    await client.say("1\n");
    await clock.settle();
    principals.replace([]);
    await client.say("2\n");
    await clock.settle();
    pool.finishAll();
    const told = "Error: Cannot go on: you may not use this server any more [DENIED]\n";
    assertEquals(await client.hear(), `Result: <1>\n${told}`);
    assertEquals(pool.taken, ["1"]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("STATS tells who one is, and of others only to who is told of all jobs", async () => {
  for (const [jobs, isTold] of [[undefined, true], [["fib"], false]] as const) {
    const principals = [{ name: "web", ...(jobs ? { jobs } : {}) }, { name: "ops" }];
    const thrown = await talk({ ...as({}), principals }, async ({ client }) => {
      await client.say("STATS\n");
      await client.conn.closeWrite();
      const stats = await client.hear();
      assertStringIncludes(stats, "you are:");
      assertEquals(stats.includes("ops: requests so far"), isTold);
    });
    assertEquals(thrown, undefined);
  }
});
