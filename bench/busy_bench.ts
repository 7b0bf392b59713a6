/**
 * Does a light request wait for heavy ones? `fib 1` from one client, one at a time, while others
 * send `fib 32` without pause, so that every core is busy; ours beside the design that posts one
 * message for each job.
 *
 * @module
 */

import { compare, printHeading } from "./compare.ts";
import { HeavyClients } from "./heavy_clients.ts";
import { Server } from "./servers.ts";

await using ours = await Server.ours();
await using naive = await Server.naive();

printHeading("Does a light request wait for heavy ones?");
for (const clients of [4, 16]) {
  const shape = { line: "1", connections: 1, depth: 1 };
  await compare(`fib 1, beside ${clients} clients that send fib 32`, [ours, naive], shape, {
    around: (server) => HeavyClients.start(server, clients),
  });
}
