import { assert, assertEquals } from "@std/assert";
import { hashToken } from "../../src/access/mod.ts";
import { type Setting, talk } from "./talk.ts";

const WEB = { name: "web", tokens: [hashToken("secret")] };
const ASKED: Setting = { principals: [WEB] };

const REFUSAL =
  'Error: Cannot serve you: it is not known who you are; send "AUTH token", or rpc.authenticate with {"token": "..."} [UNAUTHENTICATED]\n';
const WRONG = "Error: Cannot authenticate: nobody here has that token [DENIED]\n";

function rpc(method: string, params: unknown, id: unknown): string {
  return `${JSON.stringify({ jsonrpc: "2.0", method, params, id })}\n`;
}

Deno.test("Before a client has said who it is nothing runs, but for PING, and each line is answered", async () => {
  const thrown = await talk(ASKED, async ({ client, pool }) => {
    await client.say("30\necho x\nHELP\nJOBS\nSTATS\nCANCEL 1\nnonsense\n\nPING\n");
    assertEquals(await client.hear(8 * REFUSAL.length + 5), `${REFUSAL.repeat(8)}PONG\n`);
    assertEquals(pool.taken, []);
  });
  assertEquals(thrown, undefined);
});

Deno.test("JSON-RPC is refused with its id, each of a batch, and a notification in silence", async () => {
  const thrown = await talk(ASKED, async ({ client, pool, clock }) => {
    await client.say('{"jsonrpc":"2.0","method":"fib","params":[1]}\n');
    await client.say(rpc("rpc.discover", undefined, 1));
    await client.say(`[${rpc("fib", [1], 2).trim()},${rpc("echo", ["x"], 3).trim()}]\n`);
    await clock.settle();
    await client.conn.closeWrite();
    const responses = (await client.hear()).trim().split("\n").flatMap((line) => JSON.parse(line));
    const seen = responses.map(({ id, error }) => [id, error.code, error.data.code]);
    assertEquals(seen, [1, 2, 3].map((id) => [id, -32011, "UNAUTHENTICATED"]));
    assertEquals(pool.taken, []);
  });
  assertEquals(thrown, undefined);
});

Deno.test("AUTH with the right token is answered at once, and the lines behind it are served", async () => {
  const thrown = await talk(ASKED, async ({ client, pool, clock }) => {
    await client.say("AUTH secret\n30\n");
    await clock.settle();
    pool.finishAll();
    const replies = "Result: you are web\nResult: <30>\n";
    assertEquals(await client.hear(replies.length), replies);
    await client.say("AUTH secret\n");
    const again = 'Error: Cannot authenticate: this connection is "web"\'s already [INVALID]\n';
    assertEquals(await client.hear(again.length), again);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that nobody asked is asked from its next line on once there are principals, and what runs is answered", async () => {
  const thrown = await talk({}, async ({ client, pool, principals, clock }) => {
    await client.say("1\n");
    await clock.settle();
    principals.replace([WEB]);
    await client.say("2\n");
    await clock.settle();
    assertEquals(pool.taken, ["1"]);
    pool.finishAll();
    const replies = `Result: <1>\n${REFUSAL}Result: you are web\n`;
    await client.say("AUTH secret\n");
    assertEquals(await client.hear(replies.length), replies);
  });
  assertEquals(thrown, undefined);
});

Deno.test("rpc.authenticate is answered true, named or positional, and what is no token is told", async () => {
  for (const params of [{ token: "secret" }, ["secret"]]) {
    const thrown = await talk(ASKED, async ({ client, pool, clock }) => {
      await client.say(rpc("rpc.authenticate", { tokn: "secret" }, 0));
      await client.say(rpc("rpc.authenticate", params, 1) + rpc("fib", [5], 2));
      await clock.settle();
      pool.settle(0, { kind: "done", result: "5" });
      await client.conn.closeWrite();
      const [bad, ...good] = (await client.hear()).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      assertEquals(bad.error.code, -32602);
      assertEquals(good.map(({ result }) => result), [true, 5]);
    });
    assertEquals(thrown, undefined);
  }
});

Deno.test("A wrong token is answered late, later each time, and nothing behind it is heard before", async () => {
  const thrown = await talk(ASKED, async ({ client, clock, log, accepted }) => {
    await client.say("AUTH guess\nAUTH secret\n");
    await clock.advance(249);
    assertEquals(client.conn.unread, 0);
    await clock.advance(1);
    assertEquals(await client.hear(WRONG.length), WRONG);
    assertEquals(await client.hear(20), "Result: you are web\n");
    assertEquals(log.messages("warn"), ["authentication failed"]);
    assert(!log.lines.join().includes("guess"));
    assertEquals(accepted.unread, 0);
  });
  assertEquals(thrown, undefined);
});

Deno.test("After five wrong tokens a connection is closed", async () => {
  const thrown = await talk(ASKED, async ({ client, clock, hasEnded }) => {
    await client.say("AUTH guess\n".repeat(6));
    await clock.advance(250 + 500 + 1000 + 2000 + 4000 - 1);
    assert(!hasEnded());
    await clock.advance(1);
    assertEquals(await client.hear(), WRONG.repeat(5));
  });
  assertEquals(thrown, undefined);
});

Deno.test("A wrong token of JSON-RPC is DENIED, late, with its id", async () => {
  const thrown = await talk(ASKED, async ({ client, clock }) => {
    await client.say(rpc("rpc.authenticate", { token: "guess" }, "g"));
    await clock.advance(249);
    assertEquals(client.conn.unread, 0);
    await clock.advance(1);
    await client.conn.closeWrite();
    const { id, error } = JSON.parse(await client.hear());
    assertEquals([id, error.code, error.data.code], ["g", -32007, "DENIED"]);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A client that leaves while its wrong token waits leaves no timer behind", async () => {
  const left = await talk(ASKED, async ({ client, clock }) => {
    await client.say("AUTH guess\n");
    await clock.settle();
    client.conn.reset();
    await clock.advance(200);
    assertEquals(clock.timers, 0);
  });
  assert(left instanceof Error);
});

Deno.test("In the number dialect AUTH and PING are heard until it is known who asks, and then numbers alone", async () => {
  const setting: Setting = { ...ASKED, dispatcher: { dialects: "numbers" } };
  const thrown = await talk(setting, async ({ client, pool, clock }) => {
    await client.say('30\n{"method":"fib","params":[1],"id":1}\nPING\nAUTH secret\n30\nPING\n');
    await clock.settle();
    pool.finishAll();
    const replies =
      `${REFUSAL}${REFUSAL}PONG\nResult: you are web\nResult: <30>\nError: Invalid number\n`;
    assertEquals(await client.hear(replies.length), replies);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A certificate names the principal; one that names nobody is asked for a token", async () => {
  for (const [identity, heard] of [["web", "PONG\nyou are:"], ["eve", `PONG\n${REFUSAL}`]]) {
    const setting: Setting = { ...ASKED, arrival: { identity, isTrusted: false } };
    const thrown = await talk(setting, async ({ client }) => {
      await client.say("PING\nSTATS\n");
      assertEquals(await client.hear(heard!.length), heard);
    });
    assertEquals(thrown, undefined);
  }
});

Deno.test("Who comes by a Unix socket is trusted, and may still say who it is", async () => {
  const setting: Setting = { ...ASKED, arrival: { isTrusted: true } };
  const thrown = await talk(setting, async ({ client, pool, clock }) => {
    await client.say("1\nAUTH secret\n");
    await clock.settle();
    pool.finishAll();
    const refused = "Error: Cannot authenticate: requests of yours are under way [INVALID]\n";
    const replies = `Result: <1>\n${refused}`;
    assertEquals(await client.hear(replies.length), replies);
    await client.say("AUTH secret\n");
    assertEquals(await client.hear(20), "Result: you are web\n");
  });
  assertEquals(thrown, undefined);
});

Deno.test("Where nobody is asked, AUTH says so", async () => {
  const thrown = await talk({}, async ({ client }) => {
    await client.say("AUTH secret\n");
    const reply = "Error: Cannot authenticate: this server asks nobody who they are [INVALID]\n";
    assertEquals(await client.hear(reply.length), reply);
  });
  assertEquals(thrown, undefined);
});
