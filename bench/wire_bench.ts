/**
 * What does a connection cost? Memory and CPU of ten thousand that are idle, and how many a second
 * come, ask one thing and leave; ours beside the least server that there can be, which sends back
 * what comes. Both ends are on this machine, and the limit of open files must allow for them.
 *
 *     deno task bench:wire                        ten thousand
 *     deno task bench:wire --connections 1000     fewer
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { median } from "./median.ts";
import { Server } from "./servers.ts";
import { type Churn, connectAll, loadFromOutside } from "./wire/clients.ts";
import { cpuMsOf, privateKbOf } from "./wire/process_use.ts";

const ROUNDS = 5;
const CHURN_MS = 1_500;

/** What comes up once, code and pools of buffers, is no cost of a connection. */
const WARM_UP = 500;

/** How long memory may take to come to rest, and how long idle CPU is watched. */
const REST_MS = 2_000;
const IDLE_MS = 5_000;

const { connections: count } = readFlags({ connections: 10_000 });

await using ours = await Server.ours(`--max-connections=${count + WARM_UP + 100}`);
await using echo = await Server.echo();
const servers = [ours, echo];

console.log(`What does a connection cost? ${count} idle ones, with one request each before`);
for (const server of servers) await measureIdle(server);

console.log(
  `\nconnect, one request, leave; 32 at a time, medians of ${ROUNDS} rounds of ${CHURN_MS} ms`,
);
const rounds: { readonly server: Server; readonly churn: Churn }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const server of servers) {
    rounds.push({ server, churn: await loadFromOutside(server.port, 32, CHURN_MS) });
  }
}
for (const server of servers) showChurn(server);
const [our = 0, their = 1] = servers.map((server) => medianOf(server, "perSecond"));
console.log(`  ${"ratio".padEnd(12)}${(our / their).toFixed(2)} x`);

async function measureIdle(server: Server): Promise<void> {
  await connectAll(server.port, WARM_UP).then(({ leave }) => leave());
  await rest(REST_MS);
  const beforeKb = privateKbOf(server.pid);
  const startedMs = performance.now();
  const clients = await connectAll(server.port, count);
  const seconds = (performance.now() - startedMs) / 1000;
  await rest(REST_MS);
  const perConnection = (privateKbOf(server.pid) - beforeKb) * 1.024 / count;
  const cpuBefore = cpuMsOf(server.pid);
  await rest(IDLE_MS);
  const cpu = (cpuMsOf(server.pid) - cpuBefore) / IDLE_MS;
  console.log(
    `  ${server.name.padEnd(12)}${perConnection.toFixed(1)} KB each, connected in ` +
      `${seconds.toFixed(1)} s, then ${(100 * cpu).toFixed(1)} % of a core`,
  );
  clients.leave();
  await rest(REST_MS);
}

function showChurn(server: Server): void {
  const [perSecond, p50, p99] = (["perSecond", "p50Ms", "p99Ms"] as const).map((key) =>
    medianOf(server, key)
  );
  console.log(
    `  ${server.name.padEnd(12)}${perSecond!.toFixed(0)}/s  p50 ${p50!.toFixed(1)} ms  p99 ${
      p99!.toFixed(1)
    } ms`,
  );
}

function medianOf(server: Server, key: keyof Churn): number {
  const values = rounds.filter((round) => round.server === server).map(({ churn }) => churn[key]);
  return median(values);
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
