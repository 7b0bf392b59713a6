import { assertEquals, assertRejects } from "@std/assert";
import { type Address, FakeLog, realEnv } from "../../src/env/mod.ts";
import { Connection, serveConnections } from "../../src/net/mod.ts";
import { Fiber, Switch } from "../../src/switch/mod.ts";
import { TextClient } from "./text_client.ts";

/** What the tests with the fake network cannot prove, once over each kind of socket. */
const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder));

const addresses: Record<string, Address> = {
  "TCP": { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  "TCP over IPv6": { transport: "tcp", hostname: "::1", port: 0 },
  "a Unix socket": { transport: "unix", path: `${folder}/serve.sock` },
};

if (!hasIpv6()) delete addresses["TCP over IPv6"];

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** Answers `echo x` with `x`, and waits for ever for `wait`, telling when that is cancelled. */
async function serveLines(
  address: Address,
  drive: (sw: Switch, connect: () => Promise<TextClient>, events: Events) => Promise<void>,
): Promise<FakeLog> {
  const { net, clock } = realEnv();
  const log = new FakeLog();
  const events = new Events();
  const stop = new AbortController();
  await Switch.run(async (sw) => {
    const listener = await net.listen(sw, address);
    sw.fork(() =>
      serveConnections(sw, listener, {
        maxConnections: 100,
        clock,
        log,
        stop: stop.signal,
        onConnection: async (sw, conn) => {
          const connection = new Connection(sw, conn, { clock });
          await answer(sw, connection, events);
          await connection.writer.close();
        },
      })
    );
    await drive(sw, () => TextClient.connect(sw, net, listener.address), events);
    stop.abort();
  });
  return log;
}

function answer(sw: Switch, { reader, writer }: Connection, events: Events): Promise<void> {
  return sw.run(async (requests) => {
    for await (const line of reader) {
      if (line === "wait") requests.fork((signal) => wait(signal, events));
      else if (line === "later") {
        requests.fork(() => events.until("now").then(() => writer.writeLine("later")));
      } else writer.writeLine(typeof line === "string" ? line : line.kind);
    }
    events.add("fin");
  });
}

async function wait(signal: AbortSignal, events: Events): Promise<void> {
  events.add("waiting");
  await Fiber.awaitCancel(signal).finally(() => events.add("cancelled"));
}

/** Things that happened, and those who wait for one. */
class Events {
  readonly #events = new Map<string, PromiseWithResolvers<void>>();

  add(name: string): void {
    this.#event(name).resolve();
  }

  until(name: string): Promise<void> {
    return this.#event(name).promise;
  }

  #event(name: string): PromiseWithResolvers<void> {
    const event = this.#events.get(name) ?? Promise.withResolvers<void>();
    this.#events.set(name, event);
    return event;
  }
}

for (const [name, address] of Object.entries(addresses)) {
  Deno.test(`Over ${name}, lines are answered in order, also the last one without an end`, async () => {
    await serveLines(address, async (_sw, connect) => {
      const client = await connect();
      await client.say(`one\r\n${"x".repeat(70_000)}\n\nlast`);
      await client.conn.closeWrite();
      assertEquals(await client.hear(), "one\ntoo-long\n\nlast\n");
    });
  });

  Deno.test(`Over ${name}, what was asked for before the FIN is answered after it`, async () => {
    await serveLines(address, async (_sw, connect, events) => {
      const client = await connect();
      await client.say("later\n");
      await client.conn.closeWrite();
      await events.until("fin");
      events.add("now");
      assertEquals(await client.hear(), "later\n");
    });
  });

  Deno.test(`Over ${name}, the requests of a client that leaves are cancelled`, async () => {
    const log = await serveLines(address, async (_sw, connect, events) => {
      const client = await connect();
      await client.say("wait\n");
      await events.until("waiting");
      client.conn.close();
      await events.until("cancelled");
    });
    assertEquals(log.messages("error"), []);
    assertEquals(log.messages("debug"), [
      "connection opened",
      "connection failed",
      "connection closed",
    ]);
  });

  Deno.test(`Over ${name}, the requests of a client that ends its half and then leaves are cancelled`, async () => {
    await serveLines(address, async (_sw, connect, events) => {
      const client = await connect();
      await client.say("wait\n");
      await client.conn.closeWrite();
      await events.until("fin");
      client.conn.close();
      await events.until("cancelled");
    });
  });

  Deno.test(`Over ${name}, a burst of 20,000 lines comes back whole while the client reads slowly`, async () => {
    await serveLines(address, async (sw, connect) => {
      const client = await connect();
      const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${"é".repeat(i % 50)}\n`).join(
        "",
      );
      sw.fork(async () => {
        await client.say(lines);
        await client.conn.closeWrite();
      });
      const bytes = await new Response(ReadableStream.from(chunks(client))).text();
      assertEquals(bytes === lines, true);
    });
  });

  Deno.test(`Over ${name}, cancelling the server cuts every connection`, async () => {
    const clients: TextClient[] = [];
    const outer = Switch.run(async (outer) => {
      const cut = serveLines(address, async (sw, connect, events) => {
        clients.push(new TextClient((await connect()).conn));
        await clients[0]!.say("wait\n");
        await events.until("waiting");
        sw.fail(new Error("cut"));
      });
      await assertRejects(() => cut, Error, "cut");
      outer.check();
    });
    await outer;
  });
}

async function* chunks({ conn }: TextClient): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(5000);
  for (let count; (count = await conn.read(buffer)) !== null;) yield buffer.slice(0, count);
}
