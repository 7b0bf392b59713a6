import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Address,
  type Conn,
  type ConnectOptions,
  FakeNet,
  formatAddress,
  type Listener,
  type ListenOptions,
  type Net,
  NetError,
  type NetErrorCode,
  realEnv,
} from "../../src/env/mod.ts";
import { Cancelled, Switch } from "../../src/switch/mod.ts";
import { certificates } from "../fixtures/tls/certificates.ts";

/** What the real network and the fake one must both do: a test with the fake proves nothing else. */
interface Subject {
  readonly name: string;
  readonly net: () => Net;
  readonly address: Address;
  readonly listen?: ListenOptions;
  readonly connect?: ConnectOptions;
}

const loopback: Address = { transport: "tcp", hostname: "127.0.0.1", port: 0 };
const loopback6: Address = { transport: "tcp", hostname: "::1", port: 0 };
/** A name that is to be resolved is listened to by `Deno.listen`. */
const named: Address = { transport: "tcp", hostname: "localhost", port: 0 };
const unix: Address = { transport: "unix", path: `${Deno.makeTempDirSync()}/test.sock` };

addEventListener("unload", () => Deno.removeSync(unix.path.replace("/test.sock", "")));

const subjects: Subject[] = [
  { name: "real TCP", net: () => realEnv().net, address: loopback },
  { name: "real TCP over IPv6", net: () => realEnv().net, address: loopback6 },
  { name: "real TCP of a name", net: () => realEnv().net, address: named },
  {
    name: "real TLS",
    net: () => realEnv().net,
    address: loopback,
    listen: { tls: certificates.server },
    connect: { tls: { authorities: certificates.authority } },
  },
  { name: "real Unix socket", net: () => realEnv().net, address: unix },
  { name: "fake TCP", net: () => new FakeNet(), address: loopback },
  { name: "fake Unix socket", net: () => new FakeNet(), address: unix },
].filter(({ address }) => address !== loopback6 || hasIpv6());

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

interface Ends {
  readonly sw: Switch;
  readonly net: Net;
  readonly listener: Listener;
  readonly client: Conn;
  readonly server: Conn;
  /** Makes one more connection. */
  readonly visit: () => Promise<Conn>;
}

function law(name: string, test: (ends: Ends) => Promise<void>): void {
  for (const subject of subjects) {
    Deno.test(`${subject.name}: ${name}`, () =>
      Switch.run(async (sw) => {
        const net = subject.net();
        const listener = await net.listen(sw, subject.address, subject.listen);
        const visit = () => net.connect(sw, listener.address, subject.connect);
        const connecting = visit();
        const server = sw.use(await listener.accept());
        const client = await connecting;
        await test({ sw, net, listener, client, server, visit });
      }));
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(conn: Conn): Promise<string | null> {
  const buffer = new Uint8Array(1024);
  const count = await conn.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

async function assertNetError(code: NetErrorCode, fn: () => Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(fn, NetError)).code, code);
}

/** Waits until the peer's state, which the kernel may take a moment to know, is `state`. */
async function untilPeer(conn: Conn, state: string): Promise<void> {
  while (await conn.peer() !== state) await new Promise((resolve) => setTimeout(resolve));
}

law("what one end writes the other reads", async ({ client, server }) => {
  assertEquals(await client.write(bytes("30\n")), 3);
  assertEquals(await read(server), "30\n");
  await server.write(bytes("Result: 832040\n"));
  assertEquals(await read(client), "Result: 832040\n");
});

law("a read waits for bytes", async ({ client, server }) => {
  const waiting = read(server);
  await client.write(bytes("a"));
  assertEquals(await waiting, "a");
});

law("a read takes no more than its buffer holds", async ({ client, server }) => {
  await client.write(bytes("abc"));
  const buffer = new Uint8Array(2);
  assertEquals([await server.read(buffer), await server.read(buffer)], [2, 1]);
  assertEquals(buffer, bytes("cb"));
});

law("a FIN ends one half and leaves the other", async ({ client, server }) => {
  await client.write(bytes("Hello"));
  await client.closeWrite();
  assertEquals(await read(server), "Hello");
  assertEquals(await read(server), null);
  assertEquals(await read(server), null);
  await server.write(bytes("Bye"));
  assertEquals(await read(client), "Bye");
});

law("peer() tells who only ended its half from who has left", async ({ client, server }) => {
  assertEquals(await server.peer(), "there");
  await client.closeWrite();
  assertEquals(await read(server), null);
  assertEquals(await server.peer(), "there");
  client.close();
  await untilPeer(server, "gone");
  assertEquals(await client.peer(), "gone");
});

law("peer() sees that the peer has left while nobody reads", async ({ client, server }) => {
  await client.write(bytes("unread"));
  client.close();
  await untilPeer(server, "gone");
});

law("a close over unread bytes loses none of those written before", async ({ client, server }) => {
  await server.write(bytes("unread"));
  await client.write(bytes("last words"));
  client.close();
  await untilPeer(server, "gone");
  assertEquals(await read(server), "last words");
  // The stream ends then, by a FIN (TCP, from Deno) or a reset (a Unix socket).
  const end = await read(server).catch((error: NetError) => error.code);
  assert(end === null || end === "connection-reset");
  await assertNetError("connection-reset", async () => {
    await server.write(bytes("a")); // TLS does not know yet
    await untilPeer(server, "gone");
    await server.write(bytes("b"));
  });
});

law(
  "writing to a peer that has closed fails, at the second write at the latest",
  async ({ client, server }) => {
    client.close();
    assertEquals(await read(server), null);
    await assertNetError("connection-reset", async () => {
      await server.write(bytes("a"));
      await untilPeer(server, "gone");
      await server.write(bytes("b"));
    });
  },
);

law(
  "a write waits while the peer does not read, and goes on when it does",
  async ({ client, server }) => {
    const chunk = new Uint8Array(1 << 16);
    let written = 0;
    let sending = true;
    const writing = (async () => {
      // More than any socket buffer holds.
      while (written < 1 << 24) written += await client.write(chunk);
      sending = false;
      await client.closeWrite();
    })();
    let received = 0;
    const buffer = new Uint8Array(1 << 16);
    assert(sending);
    for (let count; (count = await server.read(buffer)) !== null;) received += count;
    await writing;
    assertEquals(received, written);
  },
);

law("close() ends a waiting read, and a second one does nothing", async ({ server }) => {
  const reading = read(server);
  server.close();
  server.close();
  await assertNetError("closed", () => reading);
  await assertNetError("closed", () => read(server));
  await assertNetError("closed", () => server.write(bytes("a")));
  await assertNetError("closed", () => server.closeWrite());
});

law("close() ends a waiting write", async ({ client }) => {
  const chunk = new Uint8Array(1 << 22);
  const writing = (async () => {
    for (;;) await client.write(chunk);
  })();
  client.close();
  await assertNetError("closed", () => writing);
});

law("each who waits for a connection is given one", async ({ listener, visit }) => {
  const accepting = [listener.accept(), listener.accept()];
  for (let i = 0; i < 2; i++) await visit();
  const [first, second] = await Promise.all(accepting);
  first!.close();
  assertEquals(await second!.peer(), "there");
  second!.close();
});

law("closing the listener ends a waiting accept", async ({ listener }) => {
  const accepting = listener.accept();
  listener.close();
  listener.close();
  await assertNetError("closed", () => accepting);
  await assertNetError("closed", () => listener.accept());
});

law("a connection outlives its listener", async ({ listener, client, server }) => {
  listener.close();
  await client.write(bytes("a"));
  assertEquals(await read(server), "a");
});

law("an address is free again when its listener has closed", async ({ sw, net, listener }) => {
  await assertNetError("address-in-use", () => net.listen(sw, listener.address));
  listener.close();
  await assertNetError("connection-refused", () => net.connect(sw, listener.address));
  (await net.listen(sw, listener.address)).close();
});

const sharing = subjects.filter(({ address }) => address.transport === "tcp" && address !== named);

for (const { name, net: makeNet, address, listen, connect } of sharing) {
  Deno.test(`${name}: those who share a port each have a part of its connections`, () =>
    Switch.run(async (sw) => {
      const net = makeNet();
      const reusing = { ...listen, reusePort: true };
      const first = await net.listen(sw, address, reusing);
      const second = await net.listen(sw, first.address, reusing);
      await assertNetError("address-in-use", () => net.listen(sw, first.address, listen));

      const parts = [0, 0];
      const [firstClosed, secondClosed] = [first, second].map((listener, i) =>
        assertNetError("closed", async () => {
          for (;; parts[i]!++) sw.use(await listener.accept());
        })
      );
      // Whose it is follows from the client's port.
      while (parts.includes(0)) await net.connect(sw, first.address, connect);

      first.close();
      await firstClosed;
      const before = parts[1]!;
      while (parts[1] === before) await net.connect(sw, second.address, connect);
      second.close();
      await secondClosed;
    }));
}

law(
  "the listener and the connection end with their switch",
  async ({ sw, net, listener, server }) => {
    listener.close();
    let conn: Conn | undefined;
    const address = await sw.run(async (inner) => {
      const again = await net.listen(inner, listener.address);
      conn = await net.connect(inner, again.address);
      return again.address;
    });
    await assertNetError("connection-refused", () => net.connect(sw, address));
    await assertNetError("closed", () => conn!.read(new Uint8Array(1)));
    assertEquals(await server.peer(), "there");
  },
);

law("listen() and connect() do nothing in a cancelled switch", async ({ sw, net, listener }) => {
  await assertRejects(
    () =>
      sw.run(async (inner) => {
        inner.fail(new Error("over"));
        await assertRejects(() => net.listen(inner, listener.address), Cancelled);
        await assertRejects(() => net.connect(inner, listener.address), Cancelled);
      }),
    Error,
    "over",
  );
});

law("connect() rejects with the reason of its signal", async ({ sw, net, listener }) => {
  const reason = new Error("mine");
  const connecting = net.connect(sw, listener.address, { signal: AbortSignal.abort(reason) });
  assertEquals(await assertRejects(() => connecting), reason);
});

law("an error names what was tried and where", async ({ sw, net, listener }) => {
  listener.close();
  const error = await assertRejects(() => net.connect(sw, listener.address), NetError);
  assert(error.message.startsWith(`Cannot connect to ${formatAddress(listener.address)}: `));
});
