import { assertLess } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { withServer } from "./with_server.ts";

const CONNECTIONS = 500;

/** Both ends take 8.3 kB of the heap; with each `async` function that waits it would be half a kB more. */
const MOST_BYTES = 8_800;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function heapUsed(): number {
  collect();
  return Deno.memoryUsage().heapUsed;
}

/** Clients that are served, so that all is there that a connection comes with. */
function connect(count: number, to: Deno.ConnectOptions): Promise<Deno.Conn[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const client = await Deno.connect(to);
    await client.write(new TextEncoder().encode("PING\n"));
    await client.read(new Uint8Array(16));
    return client;
  }));
}

Deno.test("an idle connection holds little but what it needs when it speaks", async () => {
  await withServer({}, async ({ address, log }) => {
    if (address.transport !== "tcp") throw new TypeError("the server listens on TCP");
    const clients = await connect(50, address); // what comes up once is no connection's
    log.records.length = 0; // what is told of each is kept by the test, and not by the server
    const before = heapUsed();
    clients.push(...await connect(CONNECTIONS, address));
    log.records.length = 0;
    const each = (heapUsed() - before) / CONNECTIONS;
    for (const client of clients) client.close();
    assertLess(each, MOST_BYTES);
  });
});
