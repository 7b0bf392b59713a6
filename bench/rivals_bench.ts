/**
 * What does an operation cost here, and in the libraries that one would take otherwise? Prints a
 * table for each operation: the median and the 99th percentile of many short samples, taken in turn
 * so that the machine's moods meet all alike, and how many times as long as ours a rival takes.
 *
 *     deno task bench:rivals             all operations
 *     deno task bench:rivals permit      those whose names contain a word
 *
 * Where we lose: a fork that is joined takes about a third longer than a bare promise, since the
 * switch puts the fiber into its list and takes it out, so that it can wait for it and cancel it.
 * Nothing else of these is faster. Effection and Effect run generators and programs of their own on
 * a loop of their own, and pay for that at each step; `AbortSignal.any` makes an event target and a
 * weak reference where a switch makes a link in a list.
 */

import { readWords } from "./flags.ts";
import { effect } from "./libraries/effect.ts";
import { effection } from "./libraries/effection.ts";
import type { Peer } from "./libraries/peer.ts";
import { pLimitPeer, pQueuePeer, promises, stdPool } from "./libraries/promises.ts";
import { switchyard } from "./libraries/switchyard.ts";

const RIVALS: readonly Peer[] = [effection, effect, promises, pLimitPeer, pQueuePeer, stdPool];

/** Samples of each: enough for a 99th percentile, after as many as the compiler needs. */
const SAMPLES = 400;
const WARM_UP = 60;

const IDLE_FIBERS = 20_000;

type Run = (count: number) => Promise<void>;

interface Contestant {
  readonly name: string;
  readonly run: Run;
}

interface Question {
  readonly title: string;
  readonly ours: Run | undefined;
  readonly of: (peer: Peer) => Run | undefined;
  /** Operations in a sample. */
  readonly count: number;
  readonly samples?: number;
}

const QUESTIONS: readonly Question[] = [
  {
    title: "open and close a scope",
    ours: switchyard.openClose,
    of: (peer) => peer.openClose,
    count: 50,
  },
  {
    title: "open and close a scope, inside of the library's own world",
    ours: switchyard.openClose,
    of: (peer) => peer.openCloseInside,
    count: 50,
  },
  {
    title: "fork and join",
    ours: switchyard.forkJoin,
    of: (peer) => peer.forkJoin,
    count: 50,
  },
  {
    title: "scope + fork + join",
    ours: switchyard.lifetime,
    of: (peer) => peer.lifetime,
    count: 50,
  },
  {
    title: "scope + fork + join, inside of the library's own world",
    ours: switchyard.lifetime,
    of: (peer) => peer.lifetimeInside,
    count: 50,
  },
  {
    title: "an item, ten at a time",
    ours: switchyard.mapTen,
    of: (peer) => peer.mapTen,
    count: 200,
  },
  {
    title: "start and cancel one of a tree of 10,000",
    ours: switchyard.cancelTree,
    of: (peer) => peer.cancelTree,
    count: 10_000,
    samples: 15,
  },
  {
    title: "hand an item over",
    ours: switchyard.handOver,
    of: (peer) => peer.handOver,
    count: 200,
  },
  {
    title: "take a free permit and give it back",
    ours: switchyard.permit,
    of: (peer) => peer.permit,
    count: 100,
  },
];

async function compare({ title, ours, of, count, samples = SAMPLES }: Question): Promise<void> {
  const contestants = [{ name: switchyard.name, run: ours }]
    .concat(RIVALS.map((peer) => ({ name: peer.name, run: of(peer) })))
    .filter((each): each is Contestant => each.run !== undefined);
  const times = await timesOf(contestants, count, samples);
  console.log(`\n${title}, us`);
  const [base] = times;
  contestants.forEach(({ name }, i) => console.log(row(name, times[i]!, base!)));
}

/** Times of one operation in microseconds, ascending, for each contestant. */
async function timesOf(
  contestants: readonly Contestant[],
  count: number,
  samples: number,
): Promise<number[][]> {
  const times = contestants.map((): number[] => []);
  for (let round = -Math.min(WARM_UP, samples); round < samples; round++) {
    for (const [i, { run }] of contestants.entries()) {
      const start = performance.now();
      await run(count);
      if (round >= 0) times[i]!.push((performance.now() - start) * 1000 / count);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b));
}

function row(name: string, times: readonly number[], base: readonly number[]): string {
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const ratio = times === base ? "" : `${(p50 / quantile(base, 0.5)).toFixed(2)} x`;
  return `  ${name.padEnd(32)}${fixed(p50)}${fixed(p99)}${ratio.padStart(10)}`;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

function fixed(value: number): string {
  return value.toFixed(2).padStart(10);
}

async function compareMemory(): Promise<void> {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (gc === undefined) return console.log("\nmemory: run with --v8-flags=--expose-gc");
  console.log(`\nmemory of one of ${IDLE_FIBERS} idle fibers, bytes`);
  let base = 0;
  for (const { name, idle } of [switchyard, ...RIVALS]) {
    if (idle === undefined) continue;
    const bytes = await bytesOf(idle, gc);
    base ||= bytes;
    const ratio = `${(bytes / base).toFixed(2)} x`;
    console.log(`  ${name.padEnd(32)}${bytes.toFixed(0).padStart(10)}${ratio.padStart(20)}`);
  }
}

/** The second time, when what is loaded and compiled on first use is there. */
async function bytesOf(idle: NonNullable<Peer["idle"]>, gc: () => void): Promise<number> {
  let bytes = 0;
  for (let round = 0; round < 2; round++) {
    gc();
    const before = Deno.memoryUsage().heapUsed;
    await idle(IDLE_FIBERS, () => {
      gc();
      bytes = Deno.memoryUsage().heapUsed - before;
    });
  }
  return bytes / IDLE_FIBERS;
}

if (import.meta.main) {
  const { words } = readWords({});
  console.log(`p50, p99 of ${SAMPLES} samples, taken in turn; ratio of the p50 to ours`);
  const isChosen = (title: string) =>
    words.length === 0 || words.some((word) => title.includes(word));
  for (const question of QUESTIONS) if (isChosen(question.title)) await compare(question);
  if (isChosen("memory")) await compareMemory();
}
