import type { Exchange, Group } from "../load/plan.ts";

/** What the servers are asked, and which figure of it is compared. */
export type Workload = Load | Idle;

interface Named {
  /** What chooses it on the command line. */
  readonly id: string;
  readonly title: string;
}

/** Requests, from clients of one kind or, to get in the way of these, of two. */
export interface Load extends Named {
  readonly kind: "load";
  /** The first is what is measured. */
  readonly groups: readonly [Group, ...Group[]];
  readonly figure: "rate" | "p50" | "p99";
  /** How long it runs before it counts, in milliseconds. */
  readonly warmMs: number;
}

/** Clients that have asked one thing, and stay. */
export interface Idle extends Named {
  readonly kind: "idle";
  readonly connections: number;
  readonly figure: "memory";
}

/**
 * Tiny jobs of two kinds that cost the same. They are mixed without a pattern, so that replies that
 * have changed places are noticed.
 */
export const TINY: readonly Exchange[] = [..."0110100110010110100101100110100110110100101"].map(
  (digit) => ({ line: digit, reply: `Result: ${digit}` }),
);

/** Compilers and queues need so long to come to rest, in milliseconds. */
const WARM_MS = 250;

/** Where the cores are full: a thread that is started then needs longer. */
const WARM_BESIDE_MS = 1_000;

/** All that is measured, the least work for each request first. */
export const WORKLOADS: readonly Workload[] = [
  load("fib1", "`fib 1`, one client, one at a time", "p50", closed(1, 1, TINY)),
  load("fib1-64", "`fib 1`, 64 clients, one at a time each", "rate", closed(64, 1, TINY)),
  load("fib1-16x16", "`fib 1`, 16 clients, 16 at a time each", "rate", closed(16, 16, TINY)),
  load("fib20", "`fib 20`, 16 clients", "rate", closed(16, 1, fib(20, 6765))),
  load("fib30", "`fib 30`, 4 clients", "rate", closed(4, 1, fib(30, 832040))),
  load("open", "`fib 1`, 2,000 a second, come what may", "p99", open(2000)),
  load("beside4", "`fib 1`, beside 4 clients of `fib 32`", "p99", open(500), heavy(4)),
  load("beside16", "`fib 1`, beside 16 clients of `fib 32`", "p99", open(500), heavy(16)),
  load("churn", "connect, one `fib 1`, leave; 32 clients", "rate", churn(32)),
  {
    kind: "idle",
    id: "idle",
    title: "2,000 idle connections, memory of each",
    connections: 2000,
    figure: "memory",
  },
];

function load(id: string, title: string, figure: Load["figure"], ...groups: Load["groups"]): Load {
  const warmMs = groups.length > 1 ? WARM_BESIDE_MS : WARM_MS;
  return { kind: "load", id, title, groups, figure, warmMs };
}

function fib(n: number, result: number): readonly Exchange[] {
  return [{ line: `${n}`, reply: `Result: ${result}` }];
}

function closed(connections: number, depth: number, script: readonly Exchange[]): Group {
  return { kind: "closed", connections, depth, script };
}

function open(perSecond: number): Group {
  return { kind: "open", connections: 16, perSecond, script: TINY };
}

function heavy(connections: number): Group {
  return closed(connections, 1, fib(32, 2178309));
}

function churn(connections: number): Group {
  return { kind: "churn", connections, script: TINY };
}
