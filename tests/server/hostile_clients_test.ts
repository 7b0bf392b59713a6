import { assertEquals, assertLess } from "@std/assert";
import { RawClient } from "./raw_client.ts";
import { type TestServer, withServer } from "./with_server.ts";

/** How many of each kind there are at a time. */
const EACH = 2;

/** What bad clients do, until `signal` or the server ends it. */
const KINDS: Readonly<Record<string, (client: RawClient, signal: AbortSignal) => Promise<void>>> = {
  async "begins a line and never ends it"(client) {
    await client.say("1");
    await client.hearAll();
  },
  async "sends a line without end, byte by byte"(client, signal) {
    while (!signal.aborted) {
      await client.say("x");
      await turn();
    }
  },
  async "asks and never reads"(client, signal) {
    for (let i = 0; i < 200 && !signal.aborted; i++) await client.say("HELP\n".repeat(100));
  },
  async "sends garbage"(client, signal) {
    while (!signal.aborted) await client.say(Uint8Array.from({ length: 4096 }, (_, i) => i * 7919));
  },
  async "floods with a line that is too long"(client, signal) {
    const much = "x".repeat(65_536);
    for (let i = 0; i < 100 && !signal.aborted; i++) await client.say(much);
  },
  async "ends its half at once, and stays"(client) {
    await client.end();
    await client.hearAll();
  },
  async "nests deeply"(client, signal) {
    const deep = `${"[".repeat(30_000)}\n`;
    while (!signal.aborted) await client.say(deep);
  },
  async "pipelines far more than it may"(client, signal) {
    for (let i = 0; i < 50 && !signal.aborted; i++) await client.say("1\n".repeat(1000));
  },
};

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How long a good client's requests take, sorted, in milliseconds; each must be right. */
async function goodClient({ connect }: TestServer, requests: number): Promise<number[]> {
  using client = await connect();
  const tookMs: number[] = [];
  for (let i = 0; i < requests; i++) {
    const since = performance.now();
    assertEquals(await client.ask("10"), ["Result: 55"]);
    tookMs.push(performance.now() - since);
  }
  return tookMs.sort((a, b) => a - b);
}

Deno.test("Slow, silent, flooding and garbled clients fail no other client's request, and cost little memory", async () => {
  await withServer({ lineMs: 500, stallMs: 500 }, async (server) => {
    const end = new AbortController();
    await goodClient(server, 50);
    const before = Deno.memoryUsage().rss;
    const bad: Promise<void>[] = [];
    const clients: RawClient[] = [];
    for (const deed of Object.values(KINDS)) {
      for (let i = 0; i < EACH; i++) {
        const client = await server.connect();
        clients.push(client);
        bad.push(deed(client, end.signal).catch(() => {})); // it is let go, or cut
      }
    }
    const tookMs = await goodClient(server, 40);
    const grownMb = (Deno.memoryUsage().rss - before) / 2 ** 20;
    end.abort();
    for (const client of clients) client.close();
    await Promise.all(bad);
    assertLess(tookMs[20]!, 1000);
    assertLess(grownMb, 300);
    using watcher = await server.connect();
    await watcher.untilStat("connections", "1");
  });
});
