import { assertLess } from "@std/assert";
import { type Conn, fakeEnv, realEnv } from "../../src/env/mod.ts";
import { Connection, serveConnections } from "../../src/net/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { bytesHeld } from "../bytes_held.ts";

const CONNECTIONS = 200;

/** Far from what both ends take, and half of one large buffer. */
const MOST_BYTES = 32_768;

/** Fills the large buffer of a reader. */
const LONG_LINE = new TextEncoder().encode(`${"x".repeat(60_000)}\n`);

function allHeld(): number {
  const { heap, external } = bytesHeld();
  return heap + external;
}

/** Not `for await`: its variable would hold the last line. */
function answer({ reader, writer }: Connection): void {
  while (reader.take() !== undefined) writer.writeLine("read");
}

Deno.test("A connection that has sent a long line and is idle holds no large buffer", async () => {
  await Switch.run(async (sw) => {
    const { net, clock } = realEnv();
    const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
    sw.forkDaemon(() =>
      serveConnections(sw, listener, {
        maxConnections: CONNECTIONS + 1,
        clock,
        log: fakeEnv().log,
        async onConnection(sw, conn) {
          const connection = new Connection(sw, conn, { clock });
          do answer(connection); while (await connection.reader.fill());
        },
      })
    );
    const visit = async (): Promise<Conn> => {
      const client = await net.connect(sw, listener.address);
      for (let sent = 0; sent < LONG_LINE.length;) {
        sent += await client.write(LONG_LINE.subarray(sent));
      }
      await client.read(new Uint8Array(16));
      return client;
    };
    (await visit()).close(); // what comes up once is no connection's
    const before = allHeld();
    const clients: Conn[] = [];
    while (clients.length < CONNECTIONS) clients.push(await visit());
    const each = (allHeld() - before) / CONNECTIONS;
    clients.forEach((client) => client.close());
    assertLess(each, MOST_BYTES);
    listener.close();
  });
});
