/**
 * How fast is the server, beside the design that one writes first, the least that there can be, and
 * what others are made of? All speak number lines on loopback, each is a process of its own, and the
 * load comes from one more, by the system calls themselves. Every reply is held against the right
 * one, and against its place: a wrong one ends the run.
 *
 *     deno task bench                       what Deno and Node can run
 *     deno task bench:peers                 also Go and, with OCaml 5 and eio_main, Eio
 *     deno task bench --only fib20,open     some workloads
 *     deno task bench --peers switchyard,Go --rounds 5 --seconds 2
 *     deno task bench --compiled            as bench:peers
 *     deno task bench --wait 60             pauses for up to an hour in all while the host of the
 *                                           machine gives its time to others
 *     deno task bench --write               also writes the tables and the picture into docs/
 *
 * The rounds of all peers are interleaved, so that the machine's moods meet all alike, and the
 * figures are medians. Where the machine is one of many of a host, a turn is taken again while the
 * host gives much of its time to the others: five times, and then for as long as `--wait` allows.
 * What was found is kept in bench/results, and a run of some workloads renews just these: `--write`
 * writes all that is there.
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { Generator } from "./load/generator.ts";
import { ROOT, type Server } from "./servers.ts";
import { COMPILED_FIELD, FIELD } from "./servers/field.ts";
import { measure, type Running } from "./servers/measure.ts";
import { MissingError, type Peer } from "./servers/peer.ts";
import { drawLatencies } from "./servers/draw_latencies.ts";
import { keepFinding, readResults } from "./servers/results.ts";
import { markdownOf, tableOf } from "./servers/tables.ts";
import { WORKLOADS } from "./servers/workloads.ts";
import { showProgress } from "./show_progress.ts";
import { CalmTurns, realHost } from "./stolen.ts";
import { writeSection } from "./write_section.ts";

const { only, peers: named, compiled, write, wait, ...extent } = readFlags({
  rounds: 3,
  seconds: 1,
  only: "",
  peers: "",
  wait: 0,
  compiled: false,
  write: false,
});
const workloads = chosen(WORKLOADS, ({ id }) => id, only);
const peers = chosen(
  compiled || named !== "" ? [...FIELD, ...COMPILED_FIELD] : FIELD,
  ({ name }) => name,
  named,
);

const turns = new CalmTurns(realHost(wait));

console.log("How fast is the server, beside others?");
console.log(
  `medians of ${extent.rounds} interleaved rounds of ${extent.seconds} s; ` +
    `${navigator.hardwareConcurrency} cores\n`,
);
await measureAll();
if (write) {
  const results = await readResults();
  await writeSection("servers", markdownOf(results), "docs/performance.md");
  await Deno.writeTextFile(new URL("docs/latencies.svg", ROOT), drawLatencies(results));
}

async function measureAll(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const generator = stack.use(new Generator());
  const field = await startAll(stack);
  for (const workload of workloads) {
    const figures = await measure(workload, field, generator, extent, showTurn, turns);
    showProgress();
    const at = new Date().toISOString();
    const finding = { at, ...extent, peers: Object.fromEntries(figures) };
    console.log(tableOf(workload, finding));
    await keepFinding(workload.id, finding);
  }
}

/** Those that this machine can run. */
async function startAll(stack: AsyncDisposableStack): Promise<Running[]> {
  const running: Running[] = [];
  for (const peer of peers) {
    const server = await startOrSkip(peer);
    if (server !== undefined) running.push({ peer, server: stack.use(server) });
  }
  return running;
}

async function startOrSkip(peer: Peer): Promise<Server | undefined> {
  try {
    const server = await peer.start();
    console.log(`  ${peer.name.padEnd(14)}${peer.about.replaceAll("`", "")}`);
    return server;
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    console.log(`  ${peer.name.padEnd(14)}is left out: ${error.message}`);
    return undefined;
  }
}

function showTurn(round: number, name: string): void {
  showProgress(`round ${round + 1} of ${extent.rounds}: ${name}`);
}

/** Those of a list that are named, or all. */
function chosen<T>(all: readonly T[], nameOf: (item: T) => string, names: string): readonly T[] {
  if (names === "") return all;
  return names.split(",").map((name) => {
    const item = all.find((each) => nameOf(each) === name);
    if (item !== undefined) return item;
    throw new Error(`Cannot measure "${name}": there is ${all.map(nameOf).join(", ")}`);
  });
}
