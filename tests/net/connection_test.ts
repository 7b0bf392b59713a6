import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  type FakeConn,
  type FakeEnv,
  fakeEnv,
  type FakeNetOptions,
  NetError,
} from "../../src/env/mod.ts";
import { Connection, type ConnectionOptions } from "../../src/net/mod.ts";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { TextClient } from "./text_client.ts";

type FakeClient = TextClient & { readonly conn: FakeConn };

interface Setting {
  net?: FakeNetOptions;
  options?: Partial<ConnectionOptions>;
}

/**
 * Runs `serve` with a connection in a switch of its own, and `drive` with the client at its other
 * end; returns what the connection's switch threw.
 */
async function talk(
  { net: netOptions = {}, options = {} }: Setting,
  serve: (connection: Connection, sw: Switch) => Promise<void>,
  drive: (
    client: FakeClient,
    env: FakeEnv,
  ) => Promise<void>,
): Promise<unknown> {
  const env = fakeEnv({ net: netOptions });
  const { net, clock } = env;
  return await Switch.run(async (outer) => {
    const listener = await net.listen(outer, { transport: "tcp", hostname: "::1", port: 7 });
    const conn = await net.connect(outer, listener.address);
    const accepted = await listener.accept();
    const served = outer.run((sw) => {
      sw.use(accepted);
      return serve(new Connection(sw, accepted, { clock, ...options }), sw);
    }).then(() => undefined, (error) => error);
    await drive(new TextClient(conn) as FakeClient, env);
    return await served;
  });
}

/** Answers each line after a second, all at the same time, and ends when the last is out. */
async function answerSlowly(
  connection: Connection,
  sw: Switch,
  { clock }: FakeEnv,
) {
  await sw.run(async (requests) => {
    for await (const line of connection.reader) {
      requests.fork(async (signal) => {
        await clock.sleep(1000, { signal });
        connection.writer.writeLine(`${line}!`);
      });
    }
  });
  await connection.writer.close();
}

/** A server that answers slowly, and what tells it the environment once there is one. */
function slowServer(): [
  (connection: Connection, sw: Switch) => Promise<void>,
  (env: FakeEnv) => void,
] {
  const { promise, resolve } = Promise.withResolvers<FakeEnv>();
  return [async (connection, sw) => answerSlowly(connection, sw, await promise), resolve];
}

Deno.test("Connection answers lines in the order of the writes", async () => {
  const thrown = await talk({}, async ({ reader, writer }) => {
    for await (const line of reader) writer.writeLine(`<${line}>`);
    await writer.close();
  }, async (client) => {
    await client.say("a\nb\nc");
    await client.conn.closeWrite();
    assertEquals(await client.hear(), "<a>\n<b>\n<c>\n");
  });
  assertEquals(thrown, undefined);
});

for (const canLook of [true, false]) {
  const where = canLook ? "on the same machine" : "across a network";

  Deno.test(`Connection answers what a peer asked for before its FIN, ${where}`, async () => {
    const [serve, start] = slowServer();
    const thrown = await talk({ net: { canLook } }, serve, async (client, env) => {
      start(env);
      await client.say("a\n");
      await client.conn.closeWrite();
      await env.clock.advance(1000);
      assertEquals(await client.hear(), "a!\n");
    });
    assertEquals(thrown, undefined);
  });

  Deno.test(`Connection cancels its requests when the peer leaves, ${where}`, async () => {
    const [serve, start] = slowServer();
    const thrown = await talk(
      { net: { canLook }, options: { promptFinMs: 100 } },
      serve,
      async (client, env) => {
        start(env);
        await client.say("a\n");
        await env.clock.advance(500);
        client.conn.close();
        await env.clock.advance(20);
        assertEquals(env.clock.timers, 0); // the request's sleep is over
      },
    );
    assertInstanceOf(thrown, NetError);
    assertEquals(thrown.message, "Cannot answer [::1]:49152: it has left");
  });
}

Deno.test("Connection does not look at a peer that has its reply soon after its FIN", async () => {
  for (const [answerMs, looks] of [[19, 0], [21, 1]] as const) {
    const { net, clock } = fakeEnv();
    await Switch.run(async (sw) => {
      const listener = await net.listen(sw, { transport: "tcp", hostname: "::1", port: 7 });
      const client = await net.connect(sw, listener.address);
      const accepted = sw.use(await listener.accept());
      const peer = accepted.peer.bind(accepted);
      let looked = 0;
      accepted.peer = () => (looked++, peer());
      const served = sw.run(async (one) => {
        const { reader, writer } = new Connection(one, accepted, { clock });
        await reader.discard();
        await clock.sleep(answerMs, one);
        writer.writeLine("answered");
        await writer.close();
      });
      await client.closeWrite();
      await clock.advance(100);
      await served;
      assertEquals(looked, looks);
    });
  }
});

Deno.test("Connection notices that a peer leaves after its FIN", async () => {
  const [serve, start] = slowServer();
  const thrown = await talk({}, serve, async (client, env) => {
    start(env);
    await client.say("a\n");
    await client.conn.closeWrite();
    await env.clock.advance(200);
    assert(env.clock.timers > 1, "the request and the watch wait");
    client.conn.close();
    await env.clock.advance(400);
    assertEquals(env.clock.timers, 0);
  });
  assertInstanceOf(thrown, NetError);
});

Deno.test("Connection notices that a peer leaves that is not read", async () => {
  const thrown = await talk({}, async (connection, sw) => {
    connection.leaveUnread();
    await Fiber.awaitCancel(sw.signal);
  }, async (client, { clock }) => {
    await client.say("a\n");
    await clock.advance(10_000);
    assertEquals(clock.timers, 1, "it is looked after as long as it stays");
    client.conn.close();
    await clock.advance(1000);
    assertEquals(clock.timers, 0);
  });
  assertInstanceOf(thrown, NetError);
  assertEquals(thrown.message, "Cannot answer [::1]:49152: it has left");
});

Deno.test("Connection looks no more after a peer that is read again", async () => {
  const thrown = await talk({}, async (connection) => {
    connection.leaveUnread();
    connection.readAgain();
    assertEquals(await connection.reader.readLine(), "a");
  }, async (client, { clock }) => {
    await clock.advance(1000);
    assertEquals(clock.timers, 0);
    await client.say("a\n");
  });
  assertEquals(thrown, undefined);
});

Deno.test("Connection with halfClose answer lets the requests of a peer that left run to their end", async () => {
  const [serve, start] = slowServer();
  const thrown = await talk({ options: { halfClose: "answer" } }, serve, async (client, env) => {
    start(env);
    await client.say("a\n");
    await env.clock.settle();
    client.conn.close();
    await env.clock.advance(999);
    assertEquals(env.clock.timers, 1);
    await env.clock.advance(1);
  });
  assertEquals(thrown, undefined);
});

Deno.test("Connection with halfClose cancel cancels at a FIN, but not one that owes nothing", async () => {
  const options: Setting = { options: { halfClose: "cancel" } };
  const [serve, start] = slowServer();
  const thrown = await talk(options, serve, async (client, env) => {
    start(env);
    await client.say("a\n");
    await client.conn.closeWrite();
    await env.clock.advance(0);
    assertEquals(await client.hear(), "");
  });
  assertInstanceOf(thrown, NetError);
  const idle = await talk(options, ({ reader }) => reader.discard(), async (client, env) => {
    await client.conn.closeWrite();
    await env.clock.advance(0);
  });
  assertEquals(idle, undefined);
});

Deno.test("Connection fails its switch when the peer resets it", async () => {
  let ended: unknown;
  const thrown = await talk({}, async ({ reader }, sw) => {
    sw.fork((signal) => Fiber.awaitCancel(signal).catch((error) => ended = error));
    await reader.readLine();
  }, async (client, { clock }) => {
    await clock.settle();
    client.conn.reset();
  });
  assertInstanceOf(thrown, NetError);
  assertEquals(thrown.code, "connection-reset");
  assertInstanceOf(ended, Cancelled);
  assertEquals(ended.cause, thrown);
});

Deno.test("Connection fails its switch when a write fails", async () => {
  const thrown = await talk({}, async ({ writer }, sw) => {
    writer.writeLine("a");
    await Fiber.awaitCancel(sw.signal);
  }, (client) => Promise.resolve(client.conn.reset()));
  assertInstanceOf(thrown, NetError);
  assertEquals(thrown.code, "connection-reset");
});

Deno.test("Connection fails its switch when the peer takes nothing for stallMs", async () => {
  const thrown = await talk(
    { net: { capacity: 4 }, options: { stallMs: 100 } },
    async ({ writer }, sw) => {
      writer.writeLine("more than four");
      await Fiber.awaitCancel(sw.signal);
    },
    async (_client, { clock }) => {
      await clock.advance(0);
      await clock.advance(100);
    },
  );
  assertInstanceOf(thrown, NetError);
  assertEquals(thrown.code, "timed-out");
});

Deno.test("Connection's waits end when its switch is cancelled", async () => {
  const failure = new Error("enough");
  const seen: unknown[] = [];
  const thrown = await talk(
    { net: { capacity: 4 }, options: { maxPendingBytes: 8 } },
    async (connection, sw) => {
      const { reader, writer } = connection;
      writer.writeLine("more than eight");
      for (const wait of [() => reader.readLine(), () => writer.ready(), () => writer.flush()]) {
        sw.fork(() => wait().catch((error) => seen.push(error)));
      }
      await undefined;
      sw.fail(failure);
    },
    async (_client, { clock }) => await clock.settle(),
  );
  assertEquals(thrown, failure);
  assertEquals(seen.map((error) => error instanceof Cancelled), [true, true, true]);
});

Deno.test("Connection.end() sends the last line before the socket closes over unread input", async () => {
  const thrown = await talk({}, async (connection) => {
    assertEquals(await connection.reader.readLine(), "QUIT");
    connection.writer.writeLine("Bye");
    await connection.end();
  }, async (client) => {
    await client.say("QUIT\n");
    await client.say("more\n".repeat(1000));
    assertEquals(await client.hear(), "Bye\n");
    client.conn.close();
  });
  assertEquals(thrown, undefined);
});

Deno.test("Connection.end() waits a second at most for the peer's FIN", async () => {
  const thrown = await talk({}, (connection) => connection.end(), async (client, { clock }) => {
    await clock.advance(0);
    await clock.advance(999);
    assertEquals(await client.conn.peer(), "there");
    await clock.advance(1);
    assertEquals(await client.conn.peer(), "gone");
    assertEquals(clock.timers, 0);
  });
  assertEquals(thrown, undefined);
});

Deno.test("Connection leaves no timer behind", async () => {
  await talk({}, async ({ reader, writer }) => {
    writer.writeLine("a");
    await reader.readLine();
  }, async (client, { clock }) => {
    await client.hear(2);
    await client.say("b\n");
    await clock.settle();
    assertEquals(clock.timers, 0);
  });
});

Deno.test("A read given up by its own signal leaves the connection usable", async () => {
  const controller = new AbortController();
  const thrown = await talk({}, async ({ reader, writer }) => {
    await assertRejects(() => reader.readLine({ signal: controller.signal }), Cancelled);
    writer.writeLine("Request cancelled");
    assertEquals(await reader.readLine(), "thanks");
  }, async (client, { clock }) => {
    await clock.settle();
    controller.abort();
    assertEquals(await client.hear(18), "Request cancelled\n");
    await client.say("thanks\n");
  });
  assertEquals(thrown, undefined);
});
