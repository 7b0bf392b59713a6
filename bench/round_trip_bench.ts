/**
 * How long does a request take, and how many does a second hold? `fib 1` over TCP on one machine,
 * ours beside the design that posts one message for each job.
 *
 * @module
 */

import { compare, printHeading } from "./compare.ts";
import { Server } from "./servers.ts";

const SHAPES = [
  { title: "fib 1, one at a time", connections: 1, depth: 1 },
  { title: "fib 1, 64 connections", connections: 64, depth: 1 },
  { title: "fib 1, 16 connections, 16 deep", connections: 16, depth: 16 },
  { title: "fib 20, 16 connections", line: "20", connections: 16, depth: 1 },
  { title: "fib 30, 4 connections", line: "30", connections: 4, depth: 1 },
];

await using ours = await Server.ours();
await using naive = await Server.naive();

printHeading("How long does a request take, and how many does a second hold?");
for (const { title, ...shape } of SHAPES) {
  await compare(title, [ours, naive], { line: "1", ...shape });
}
