import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { type ByteSource, type Conn, type Listener, NetError, realEnv } from "../../src/env/mod.ts";
import { FakeTime } from "@std/testing/time";
import { Switch } from "../../src/switch/mod.ts";

/** A server's listener, by the sockets below `node:net`, and what its port is. */
interface Place {
  readonly listener: Listener;
  readonly port: number;
}

/** More than the kernel keeps for one who does not read. */
const MUCH = new Uint8Array(8 << 20).map((_, at) => at * 31 >> 8);

const HELLO = new TextEncoder().encode("Hello");

/**
 * The sanitizers do not see these sockets, so the kernel is asked: when a test has ended, nobody in
 * this process owns a socket of its port.
 */
function law(
  name: string,
  test: (place: Place) => Promise<void>,
  { looks = true } = {},
): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    timeout: 60_000, // one that is not heard of would wait for ever
    fn: async () => {
      using _still = looks ? undefined : new FakeTime(); // it looks after itself once a second
      const port = await Switch.run(async (sw) => {
        const listener = await realEnv().net.listen(sw, LOOPBACK);
        const { port } = listener.address as Deno.NetAddr;
        await test({ listener, port });
        return port;
      });
      assertEquals(ownedSockets(port), [], "sockets that nobody has closed");
    },
  });
}

const LOOPBACK = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;

/** The sockets of a port that a program owns, as the kernel writes them: those that wait for an accept are nobody's. */
function ownedSockets(port: number): string[] {
  const own = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return Deno.readTextFileSync("/proc/net/tcp").split("\n").slice(1)
    .filter((row) => row.includes(own) && row.trim().split(/ +/)[9] !== "0");
}

/** How many connections to a port have been accepted, and are open on this side. */
function accepted(port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ownedSockets(port).map((row) => row.trim().split(/ +/));
  return rows.filter(([, local, , state]) => local!.endsWith(own) && state !== LISTENING).length;
}

const LISTENING = "0A";

function dial(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

function dialMany(port: number, count: number): Promise<Deno.TcpConn[]> {
  return Promise.all(Array.from({ length: count }, () => dial(port)));
}

/** Both ends of a connection. */
async function connected({ listener, port }: Place): Promise<[Conn, Deno.TcpConn]> {
  return await Promise.all([listener.accept(), dial(port)]);
}

async function assertNetError(code: string, waiting: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => waiting, NetError)).code, code);
}

/** A conversation at another port: what comes to both has been seen when it ends. */
async function elsewhere(): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [server, client] = await Promise.all([
    listener.accept(),
    dial(listener.addr.port),
  ]);
  for (let turn = 0; turn < 10; turn++) {
    await client.write(HELLO);
    await server.read(new Uint8Array(HELLO.length));
  }
  server.close();
  client.close();
}

/** Compares at once: item by item takes seconds. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assert(Buffer.compare(actual, expected) === 0, "the bytes differ");
}

async function readAll(conn: ByteSource): Promise<Uint8Array> {
  const buffer = new Uint8Array(1 << 16);
  const parts: Uint8Array[] = [];
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    parts.push(buffer.slice(0, count));
  }
  return new Uint8Array(Buffer.concat(parts));
}

law(
  "Who comes to a TCP listener that holds enough waits in the kernel, and is taken once",
  async (place) => {
    const { listener, port } = place;
    const accepting = listener.accept();
    const clients = await dialMany(port, 100);
    const conns = [await accepting];
    await elsewhere(); // it has taken what it takes ahead
    const held = accepted(port);
    clients.push(...await dialMany(port, 100));
    await elsewhere();
    assertEquals(accepted(port), held);
    while (conns.length < clients.length) conns.push(await listener.accept());
    const portOf = (address: unknown) => (address as Deno.NetAddr).port;
    assertEquals(
      conns.map(({ remote }) => portOf(remote)).sort(),
      clients.map(({ localAddr }) => portOf(localAddr)).sort(),
    );
    for (const each of [...conns, ...clients]) each.close();
  },
);

law(
  "Who comes to a TCP listener when all of a crowd that came before are taken is heard of at once",
  async ({ listener, port }) => {
    for (const size of [3, 30, 130]) {
      const clients = await dialMany(port, size);
      for (let taken = 0; taken < size; taken++) {
        (await listener.accept()).close();
        if (taken % 7 === 0) await elsewhere(); // the platform looks for others meanwhile
      }
      const [conn, client] = await connected({ listener, port });
      for (const each of [conn, client, ...clients]) each.close();
    }
  },
  { looks: false },
);

law("A TCP listener that nobody asked for long takes those who came meanwhile", async (place) => {
  const { listener, port } = place;
  for (let round = 0; round < 3; round++) {
    const clients = await Promise.all([dial(port), dial(port)]); // the kernel has let them in
    for (const _ of clients) (await listener.accept()).close();
    for (const client of clients) {
      assertEquals(await client.read(new Uint8Array(1)), null);
      client.close();
    }
  }
});

law("A TCP listener that closes leaves nobody who waits for it hanging", async (place) => {
  const { listener, port } = place;
  const accepting = listener.accept();
  const clients = await dialMany(port, 40);
  const first = await accepting;
  await elsewhere(); // some are taken ahead meanwhile
  listener.close();
  await assertNetError("closed", listener.accept());
  first.close();
  for (const client of clients) {
    const end = await client.read(new Uint8Array(1)).catch((error) => error);
    assert(end === null || end instanceof Deno.errors.ConnectionReset, `${end}`);
    client.close();
  }
});

law(
  "Much that is written to a TCP connection arrives whole, at the pace of who reads it",
  async (place) => {
    const [server, client] = await connected(place);
    let isDone = false;
    const writing = server.write(MUCH).then((count) => {
      isDone = true;
      return count;
    });
    await client.read(new Uint8Array(1)); // it flows
    assertEquals(isDone, false, "nobody has taken it yet");
    const reading = readAll(client);
    assertEquals(await writing, MUCH.length);
    await server.closeWrite();
    assertSameBytes(await reading, MUCH.subarray(1));
    server.close();
    client.close();
  },
);

law(
  "A TCP send that waits is told once that it is done, and the next goes out behind it",
  async (place) => {
    const [server, client] = await connected(place);
    const ends: unknown[] = [];
    const done = Promise.withResolvers<void>();
    const isSent = server.send!(MUCH, (error) => {
      ends.push(error);
      done.resolve();
    });
    assertEquals(isSent, false);
    const reading = readAll(client);
    await done.promise;
    await server.write(HELLO);
    await server.closeWrite();
    assertEquals((await reading).subarray(MUCH.length), HELLO);
    assertEquals(ends, [undefined]);
    server.close();
    client.close();
  },
);

law(
  "A TCP connection that is closed over a write fails the write, and ends the peer",
  async (place) => {
    const [server, client] = await connected(place);
    const writing = server.write(MUCH);
    await client.read(new Uint8Array(1));
    server.close();
    await assertNetError("closed", writing);
    await readAll(client).catch((error) => assert(error instanceof Deno.errors.ConnectionReset));
    client.close();
  },
);

law(
  "A TCP peer that resets fails the write that waits for it, and ends the read",
  async (place) => {
    const [server, client] = await connected(place);
    const reading = server.read(new Uint8Array(1));
    const writing = server.write(MUCH);
    await client.read(new Uint8Array(1));
    client.close(); // over what it has not read
    await assertNetError("connection-reset", writing);
    const end = await reading.catch(({ code }) => code); // the kernel tells one of them that it was a reset
    assert(end === null || end === "connection-reset", `${end}`);
    await assertNetError("connection-reset", server.write(HELLO));
    server.close();
  },
);

law("Either half of a TCP connection ends without the other, whoever ends first", async (place) => {
  for (const serverIsFirst of [true, false]) {
    const [server, client] = await connected(place);
    const [first, second] = serverIsFirst ? [server, client] : [client, server];
    await first.closeWrite();
    assertEquals((await readAll(second)).length, 0);
    await second.write(HELLO);
    await second.closeWrite();
    assertEquals(await readAll(first), HELLO);
    server.close();
    client.close();
  }
});

law("What comes while nobody reads a TCP connection is kept, and so is the end", async (place) => {
  const [server, client] = await connected(place);
  const one = new Uint8Array(1);
  await client.write(HELLO);
  await server.read(one);
  await client.write(HELLO);
  await client.closeWrite();
  assertEquals((await readAll(server)).length, 2 * HELLO.length - 1);
  assertEquals(await server.read(one), null);
  server.close();
  client.close();
});

Deno.test("A program whose TCP connections and listeners are closed ends by itself", async () => {
  const code = `
    import { realEnv, Switch } from "@switchyard/switchyard";
    const much = new Uint8Array(16 << 20);
    await Switch.run(async (sw) => {
      const { net } = realEnv();
      const address = { transport: "tcp", hostname: "127.0.0.1", port: 0 };
      const listener = await net.listen(sw, address);
      const clients = await Promise.all([1, 2, 3].map(() => net.connect(sw, listener.address)));
      const server = await listener.accept();
      const waits = [server.write(much), server.read(new Uint8Array(1)), (await listener.accept()).read(much)];
      server.close();
      clients[2].close();
      listener.close();
      await Promise.allSettled(waits.slice(0, 2));
    });
    console.log("ended");`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", new URL("../../deno.json", import.meta.url).pathname, code],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "ended\n", new TextDecoder().decode(stderr));
  assert(success);
});
