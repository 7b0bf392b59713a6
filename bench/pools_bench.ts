/**
 * How fast is the pool, beside piscina, tinypool, workerpool and poolifier, on Deno and on Node?
 * Empty jobs, and jobs of a millisecond, with 1, 16 and 64 under way at a time; and what our lanes
 * cost beside workers without permissions, limits and a way to be killed.
 *
 *     deno task bench:pools               prints the tables
 *     deno task bench:pools --write       also puts them into docs/comparison.md, and draws them
 *     deno task bench:pools --rounds 9    takes more time
 *
 * Every pool has a process of its own, and as many workers as there are cores; the rounds of all are
 * interleaved, so that the machine's moods meet all alike. The submitter waits for each outcome, as a
 * program does. Ours submits a value by `WorkerPool.submit`; its jobs check their input by a schema.
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import {
  type Contestant,
  onDeno,
  onNode,
  ours,
  server,
  type Shape,
  WORKERS,
} from "./pools/contestant.ts";
import { median } from "./median.ts";
import { drawBars } from "./pools/draw_bars.ts";
import { markdownOf, type Measured, tableOf } from "./pools/tables.ts";
import { libraries, versionOf } from "./rivals/node_folder.ts";
import type { Rate } from "./rivals/rival.d.ts";
import { ROOT } from "./servers.ts";
import { writeSection } from "./write_section.ts";

const DEPTHS = [1, 16, 64];
const JOBS = [
  { title: "empty jobs", deed: "echo", value: 1, ms: 400 },
  { title: "jobs of 1 ms", deed: "burn", value: 1, ms: 700 },
] as const;

const { rounds, write } = readFlags({ rounds: 5, write: false });

console.log(`${WORKERS} workers each; medians of ${rounds} interleaved rounds; latencies in us`);
const measured = await measureAll();
for (const each of measured) console.log(tableOf(each));
if (write) {
  await writeSection("pools", markdownOf(measured, describeVersions()));
  await Deno.writeTextFile(new URL("docs/pools.svg", ROOT), drawBars(measured));
}

async function measureAll(): Promise<Measured[]> {
  await using stack = new AsyncDisposableStack();
  const contestants = [];
  for (const start of field()) contestants.push(stack.use(await start()));
  const all: Measured[] = [];
  for (const { title, ...job } of JOBS) {
    for (const depth of DEPTHS) {
      const rates = await measureInTurn(contestants, { ...job, depth });
      all.push({ title, depth, rates });
    }
  }
  return all;
}

function field(): (() => Promise<Contestant>)[] {
  return [
    () => ours("lanes"),
    server,
    ...libraries.map((library) => () => onDeno(library)),
    ...libraries.map((library) => () => onNode(library)),
    () => ours("plain web workers", "ours in plain web workers"),
    () => ours("plain node workers", "ours in plain node workers"),
    () => ours("processes", "ours in processes"),
  ];
}

/** The medians of each. The first round is for the compilers, and does not count. */
async function measureInTurn(contestants: readonly Contestant[], shape: Shape) {
  const rates = new Map(contestants.map(({ name }) => [name, [] as Rate[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) {
      const rate = await contestant.measure(shape);
      if (round > 0) rates.get(contestant.name)!.push(rate);
    }
  }
  return new Map([...rates].map(([name, each]) => [name, medians(each)]));
}

function medians(rates: readonly Rate[]): Rate {
  const medianOf = (key: keyof Rate) => median(rates.map((rate) => rate[key]));
  return { perSecond: medianOf("perSecond"), p50: medianOf("p50"), p99: medianOf("p99") };
}

function describeVersions(): string {
  return libraries.map((library) => `${library} ${versionOf(library)}`).join(", ");
}
