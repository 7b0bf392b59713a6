import { assert, assertEquals } from "@std/assert";
import type { Conn, TcpAddress } from "../../src/env/mod.ts";
import { serveConnections } from "../../src/net/mod.ts";
import { Fiber, type Switch } from "../../src/switch/mod.ts";
import { explore, type TestScope } from "../../src/testing/mod.ts";

const ADDRESS: TcpAddress = { transport: "tcp", hostname: "127.0.0.1", port: 8080 };

/** A server that sends back what it reads, for two connections at a time, until `stop`. */
async function echoServer({ sw, env }: TestScope, stop: AbortSignal) {
  const { clock, log, net } = env;
  const listener = await net.listen(sw, ADDRESS);
  let open = 0;
  const onConnection = async (sw: Switch, conn: Conn) => {
    assert(++open <= 2, "too many are open");
    sw.onRelease(() => void open--);
    const buffer = new Uint8Array(3);
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      await send(conn, buffer.subarray(0, n));
    }
  };
  const options = { clock, log, onConnection, maxConnections: 2, stop };
  return { ended: sw.forkPromise(() => serveConnections(sw, listener, options)) };
}

async function send(conn: Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** What comes back for `text`, said and heard at once as the pipes are small. */
async function echo({ sw, env }: TestScope, text: string): Promise<string> {
  return await sw.run(async (sw) => {
    const conn = await env.net.connect(sw, ADDRESS);
    sw.fork(async () => {
      await send(conn, new TextEncoder().encode(text));
      await conn.closeWrite();
    });
    const buffer = new Uint8Array(5);
    let heard = "";
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      heard += new TextDecoder().decode(buffer.subarray(0, n));
    }
    return heard;
  });
}

Deno.test("serveConnections() serves each client its own bytes, and ends, in whatever order", async () => {
  await explore(async (scope) => {
    const stop = new AbortController();
    const server = await echoServer(scope, stop.signal);
    const texts = ["one and one", "two", "three and some more", "four"];
    assertEquals(await Fiber.map(texts, (text) => echo(scope, text)), texts);
    stop.abort();
    await server.ended;
  }, { schedules: 200, env: { net: { capacity: 4 } } });
});

Deno.test("serveConnections() ends when it is stopped, whatever its clients are at", async () => {
  await explore(async (scope) => {
    const stop = new AbortController();
    const server = await echoServer(scope, stop.signal);
    const clients = ["one", "two", "three"].map((text) => echo(scope, text).catch(() => "cut"));
    const pauses = Math.floor(scope.env.random.next() * 24);
    for (let i = 0; i < pauses; i++) await scope.pause();
    stop.abort();
    await server.ended;
    for (const [i, text] of ["one", "two", "three"].entries()) {
      assert([text, "cut", ""].includes(await clients[i]!));
    }
  }, { schedules: 200, env: { net: { capacity: 4 } } });
});
