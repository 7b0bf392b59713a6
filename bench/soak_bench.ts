/**
 * Does the server keep its laws for as long as you like? Light, heavy, waiting, spinning, filling,
 * exiting, pipelining and leaving clients, all at once, against the real program on loopback. Each
 * holds every reply against what it asked for: one request, one reply, in order.
 *
 *     deno task bench:soak                        ten minutes
 *     deno task bench:soak --minutes 2            less
 *     deno task bench:soak --isolation process    lanes are processes, and some are shot from outside
 *
 * It exits with 1 where a reply was wrong, missing or too many, where memory grew, a thread was left,
 * a killed one did not end, or the server did not stop as it should.
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { Server } from "./servers.ts";
import { pay, type Tally } from "./soak/visit.ts";
import { clients, type Visit } from "./soak/visits.ts";
import { type Sample, sampleOf, slopeOf, statsOf } from "./soak/watch.ts";

/** How often the process is looked at, in milliseconds. */
const SAMPLE_MS = 5_000;

/** How long lanes that are not needed any more may take to be given back, in milliseconds. */
const REST_MS = 60_000;

/** How much the memory may grow over the second half, as a share of itself. Noise is a third of it. */
const GROWTH = 0.15;

const { minutes, isolation } = readFlags({ minutes: 10, isolation: "worker" });
let told = 0;
const tally: Tally = {
  requests: 0,
  replies: 0,
  shot: 0,
  busy: 0,
  abandoned: 0,
  waits: [],
  breaches: [],
};
const samples: Sample[] = [];
const errors: string[] = [];
let shots = 0;
let isJudging = false;

const server = await Server.ours("--jobs=bench/jobs", "--memory=64", `--isolation=${isolation}`);
void server.nextLine((line) =>
  line.includes('"level":"error"') ? void errors.push(line) : undefined
);
const startedMs = performance.now();
const endMs = startedMs + minutes * 60_000;
const atStart = sampleOf(server, startedMs);

console.log(`Soak: ${minutes} minutes, ${describeClients()}, isolation ${isolation}`);
void server.ended.then((end) => giveUp(`the server ended with ${end}`));
const watching = watch();
await Promise.all(
  Object.values(clients).flatMap(({ count, next }) => Array.from({ length: count }, visit(next))),
);
await watching;
await judge();
Deno.exit(tally.breaches.length === 0 ? 0 : 1);

/** A client that comes again and again. */
function visit(next: () => Visit): () => Promise<void> {
  return async () => {
    while (performance.now() < endMs) await pay(server.port, next(), tally);
  };
}

/** There is nobody left to talk to. */
function giveUp(breach: string): void {
  if (isJudging) return;
  console.log(`  ${breach}`);
  for (const line of errors.slice(-10)) console.log(`  ${line}`);
  Deno.exit(1);
}

function describeClients(): string {
  return Object.entries(clients).map(([name, { count }]) => `${count} ${name}`).join(", ");
}

/** Takes samples, shows them, and shoots a lane now and then where lanes are processes. */
async function watch(): Promise<void> {
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    const sample = sampleOf(server, startedMs);
    samples.push(sample);
    const stats = await statsOf(server);
    const ends = ["killed", "deadline", "out-of-memory", "crashed", "kills", "kills not verified"];
    console.log([
      `${sample.at.toFixed(0).padStart(5)} s`,
      `${tally.replies} replies`,
      `${sample.rss} MiB`,
      `${sample.threads} threads`,
      ...ends.map((name) => `${stats.get(name)} ${name}`),
      ...(tally.breaches.length > 0 ? [`${tally.breaches.length} BREACHES`] : []),
    ].join("  "));
    tellBreaches();
    if (isolation === "process") await shootLane();
  }
}

/** Kills one of the server's processes from outside: a crash. */
async function shootLane(): Promise<void> {
  const path = `/proc/${server.pid}/task/${server.pid}/children`;
  const children = (await Deno.readTextFile(path)).trim().split(" ").filter(Boolean);
  const target = children[Math.floor(Math.random() * children.length)];
  if (target === undefined) return;
  Deno.kill(Number(target), "SIGKILL");
  shots++;
}

/**
 * A lane that is shot while it starts is an error in the log, as it should be; and so is one whose
 * end was not seen in time, as on a full machine: whether it ended after all is judged at the end.
 */
function isUnexpected(line: string): boolean {
  if (line.includes("A lane was killed and did not end")) return false;
  return !(line.includes("Cannot start a lane") && line.includes("SIGKILL"));
}

async function judge(): Promise<void> {
  isJudging = true;
  const rested = await rest();
  const stats = await statsOf(server);
  const second = samples.slice(samples.length >> 1);
  const slope = slopeOf(second);
  const grown = slope * minutes / 2;
  expect(grown <= Math.max(64, GROWTH * (second[0]?.rss ?? 0)), `memory grew by ${grown} MiB`);
  expect(rested, `lanes or threads are left: ${sampleOf(server, startedMs).threads} threads`);
  expect(stats.get("lanes stuck") === 0, `${stats.get("lanes stuck")} killed threads go on`);
  for (const line of errors.filter(isUnexpected)) expect(false, `the server logged ${line}`);
  expect(tally.shot <= shots, `${tally.shot} jobs died by ${shots} shots`);
  expect(tally.replies + tally.abandoned === tally.requests, "a request has no reply");
  const code = await server.stop();
  expect(code === 0, `the server ended with ${code} when it was asked to stop`);
  report(stats, slope);
}

/** Waits until nothing runs, and what was started for the rush has been given back. */
async function rest(): Promise<boolean> {
  const until = performance.now() + REST_MS;
  while (performance.now() < until) {
    const stats = await statsOf(server);
    const isIdle = ["lanes busy", "lanes starting", "queued"].every((name) =>
      stats.get(name) === 0
    );
    if (isIdle && sampleOf(server, startedMs).threads <= atStart.threads) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

function expect(holds: boolean, breach: string): void {
  if (!holds) tally.breaches.push(breach);
}

/** What is new among the breaches, at once: nobody wants to wait for the end to hear of it. */
function tellBreaches(): void {
  for (const breach of tally.breaches.slice(told)) console.log(`  BREACH  ${breach.slice(0, 300)}`);
  told = tally.breaches.length;
}

function report(stats: ReadonlyMap<string, number>, slope: number): void {
  const { requests, replies, shot, busy, abandoned, breaches } = tally;
  const rss = samples.map((sample) => sample.rss);
  const waits = tally.waits.toSorted((a, b) => a - b);
  const waited = (share: number) => waits[Math.ceil(waits.length * share) - 1]?.toFixed(1);
  const outcomes = [
    "done",
    "failed",
    "cancelled",
    "killed",
    "deadline",
    "out-of-memory",
    "crashed",
  ];
  console.log(`
  requests      ${requests}: ${replies} answered, ${busy} of them BUSY, ${abandoned} left behind by their clients
  shots         ${shots} lanes, ${shot} of them with a job
  light clients p50 ${waited(0.5)} ms, p99 ${waited(0.99)} ms, the longest ${waited(1)} ms
  outcomes      ${outcomes.map((name) => `${name} ${stats.get(name)}`).join(", ")}
  kills         ${stats.get("kills")}, of which ${
    stats.get("kills not verified")
  } took more than a second to see, and ${stats.get("lanes stuck")} go on
  memory, MiB   ${atStart.rss} at the start, ${Math.max(...rss)} at most, ${
    rss.at(-1)
  } at the end; ${slope.toFixed(1)} a minute in the second half
  threads       ${atStart.threads} at the start, ${
    Math.max(...samples.map(({ threads }) => threads))
  } at most
  breaches      ${breaches.length}`);
  const counts = Map.groupBy(breaches, (breach) => breach.slice(0, 300));
  for (const [breach, { length }] of counts) console.log(`    ${length} x ${breach}`);
}
