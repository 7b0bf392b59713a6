import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  type Conn,
  type Listener,
  NetError,
  realEnv,
  type TlsClientOptions,
  type TlsIdentity,
} from "../../src/env/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { certificates } from "../fixtures/tls/certificates.ts";

const { authority, otherAuthority, server, renewed, client } = certificates;
const { net } = realEnv();
const anyPort = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;

function withListener(
  tls: TlsIdentity,
  test: (sw: Switch, listener: Listener) => Promise<void>,
): Promise<void> {
  return Switch.run(async (sw) => await test(sw, await net.listen(sw, anyPort, { tls })));
}

function dial(sw: Switch, { address }: Listener, tls: TlsClientOptions): Promise<Conn> {
  return net.connect(sw, address, { tls });
}

async function meet(sw: Switch, listener: Listener, tls: TlsClientOptions): Promise<Conn> {
  const accepting = listener.accept();
  const dialing = dial(sw, listener, tls);
  const conn = sw.use(await accepting);
  await dialing;
  return conn;
}

async function assertUntrusted(
  sw: Switch,
  listener: Listener,
  tls: TlsClientOptions,
): Promise<void> {
  const accepting = listener.accept();
  const error = await assertRejects(() => dial(sw, listener, tls), NetError);
  assertEquals(error.code, "untrusted");
  using conn = await accepting;
  await assertRejects(() => conn.read(new Uint8Array(1)), NetError);
}

Deno.test("A client does not speak to a server whose authority it does not trust", () =>
  withListener(server, async (sw, listener) => {
    await assertUntrusted(sw, listener, { authorities: otherAuthority });
  }));

Deno.test("Listener.identify() counts for those who connect from then on, and cuts nobody", () =>
  withListener(server, async (sw, listener) => {
    const before = await meet(sw, listener, { authorities: authority });
    listener.identify(renewed);
    const after = await meet(sw, listener, { authorities: otherAuthority });
    assertEquals(await before.write(new Uint8Array(1)), 1);
    assertEquals(await after.write(new Uint8Array(1)), 1);
    await assertUntrusted(sw, listener, { authorities: authority });
  }));

Deno.test("Listener.identify() refuses what cannot be used, and keeps what it has", () =>
  withListener(server, async (sw, listener) => {
    const mixed = { cert: server.cert, key: renewed.key };
    assertThrows(() => listener.identify(mixed), TypeError, "is not that of the certificate");
    await meet(sw, listener, { authorities: authority });
  }));

Deno.test("Each text of an identity that cannot be used is named", async () => {
  const refused = async (tls: TlsIdentity) => {
    const error = await assertRejects(() => Switch.run((sw) => net.listen(sw, anyPort, { tls })));
    return (error as TypeError).message;
  };
  assertMatch(await refused({ ...server, cert: "?" }), /: the certificate is no PEM certificate$/);
  assertMatch(await refused({ ...server, key: "?" }), /: the private key is no PEM key /);
  assertMatch(await refused({ ...server, clientAuthorities: "?" }), /clients' authority is no PEM/);
});

Deno.test("A client is known by the name in its certificate, where one is asked for", () =>
  withListener({ ...server, clientAuthorities: authority }, async (sw, listener) => {
    const conn = await meet(sw, listener, { authorities: authority, ...client });
    assertEquals(await conn.identity(), "worker-7");
  }));

Deno.test("A client whose certificate is missing, or of another authority, gets no byte through", () =>
  withListener({ ...server, clientAuthorities: authority }, async (sw, listener) => {
    for (const shown of [{}, renewed]) {
      const accepting = listener.accept();
      // By TLS 1.3 a client learns of it by its first read.
      const conn = await dial(sw, listener, { authorities: authority, ...shown });
      using refused = await accepting;
      await assertRejects(() => refused.identity(), NetError);
      await assertRejects(() => refused.read(new Uint8Array(1)), NetError);
      refused.close();
      await conn.read(new Uint8Array(1)).catch((error) => assertEquals(error.name, "NetError"));
    }
    const conn = await meet(sw, listener, { authorities: authority, ...client });
    assertEquals(await conn.identity(), "worker-7");
  }));

Deno.test("Who says nothing, or does not speak TLS, keeps nobody waiting", () =>
  withListener(server, async (sw, listener) => {
    await net.connect(sw, listener.address);
    const silent = sw.use(await listener.accept());
    const foreign = await net.connect(sw, listener.address);
    await foreign.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
    using refused = await listener.accept();
    await assertRejects(() => refused.read(new Uint8Array(1)), NetError);

    await meet(sw, listener, { authorities: authority });
    const reading = silent.read(new Uint8Array(1));
    silent.close();
    assertEquals((await assertRejects(() => reading, NetError)).code, "closed");
  }));

Deno.test("Who leaves before keys are agreed on is gone at once, with or without a word", () =>
  withListener(server, async (sw, listener) => {
    for (const word of ["", "\x16\x03\x01"]) {
      const leaving = await net.connect(sw, listener.address);
      await leaving.write(new TextEncoder().encode(word));
      using left = await listener.accept();
      leaving.close();
      const reading = left.read(new Uint8Array(1));
      assertEquals((await assertRejects(() => reading, NetError)).code, "connection-reset");
    }
  }));

Deno.test("TLS is for TCP in a client, and only a listener with TLS has an identity", () =>
  Switch.run(async (sw) => {
    const unix = { transport: "unix", path: "/nowhere.sock" } as const;
    await assertRejects(
      () => net.connect(sw, unix, { tls: {} }),
      TypeError,
      "Cannot speak TLS to unix:/nowhere.sock: it is for TCP only",
    );
    const plain = await net.listen(sw, anyPort);
    assertThrows(() => plain.identify(server), TypeError, "it does not speak TLS");
  }));
