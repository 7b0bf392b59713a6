import { assertLess } from "@std/assert";
import { bytesHeld } from "../bytes_held.ts";
import { withServer } from "./with_server.ts";

const CONNECTIONS = 200;

/**
 * Both ends take 8.2 kB of the heap. Each `async` function more that waits for the connection's end
 * takes half a kB, so that two of them are too many.
 */
const MOST_BYTES = 8_900;

/** Clients that are served, so that all is there that a connection comes with. */
function connect(to: Deno.ConnectOptions): Promise<Deno.Conn[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    const client = await Deno.connect(to);
    await client.write(new TextEncoder().encode("PING\n"));
    await client.read(new Uint8Array(16));
    return client;
  }));
}

Deno.test("an idle connection holds little but what it needs when it speaks", async () => {
  await withServer({}, async ({ address, log }) => {
    if (address.transport !== "tcp") throw new TypeError("the server listens on TCP");
    const clients: Deno.Conn[] = [];
    const batch = async () => {
      const before = bytesHeld().heap;
      clients.push(...await connect(address));
      log.records.length = 0; // what is told of each is kept by the test, and not by the server
      return (bytesHeld().heap - before) / CONNECTIONS;
    };
    const each = Math.min(await batch(), await batch()); // code that is compiled is no connection's
    for (const client of clients) client.close();
    assertLess(each, MOST_BYTES);
  });
});
