/**
 * How long until the first reply? The commands that serve, from their start to a client's first
 * connection, its first `PING` and its first job; and what a thread takes of that, beside the least
 * that the platform can do.
 *
 *     deno task bench:start                the tables, of 10 rounds
 *     deno task bench:start --rounds 5     fewer
 *     deno task bench:start --wait 30      pauses for up to half an hour in all while the host of the
 *                                          machine gives its time to others
 *     deno task bench:start --write        the tables go into docs/performance.md
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { median } from "./median.ts";
import { time } from "./servers/format.ts";
import { commands, measureStart, type Start } from "./start/servers.ts";
import { measureFirstJobs, threads } from "./start/threads.ts";
import { showProgress } from "./show_progress.ts";
import { CalmTurns, realHost } from "./stolen.ts";
import { writeSection } from "./write_section.ts";

const { rounds, wait, write } = readFlags({ rounds: 10, wait: 0, write: false });
const turns = new CalmTurns(realHost(wait));

/** What one round has found, in milliseconds: threads are short, so that a round is judged at once. */
interface Round {
  readonly starts: ReadonlyMap<string, Start>;
  readonly ups: ReadonlyMap<string, number>;
}

const found: Round[] = [];
for (let round = 0; round < rounds; round++) {
  showProgress(`round ${round + 1} of ${rounds}`);
  found.push((await turns.take(measureRound)).value);
}
showProgress();
const starts = byName(found.map((round) => round.starts));
const ups = byName(found.map((round) => round.ups));

const text = [
  "| from the command to | connected | `PING` | `fib 30` | at worst |",
  "| --- | --: | --: | --: | --: |",
  ...[...starts].map(([name, its]) => startRow(name, its)),
  "",
  "| a thread | median | at worst |",
  "| --- | --: | --: |",
  ...[...ups].map(([name, ms]) => row(name, [median(ms), max(ms)])),
  ...(turns.remark === "" ? [] : ["", `Not in calm times: the ${turns.remark} at worst.`]),
].join("\n");
console.log(text);
if (write) await writeSection("start", text, "docs/performance.md");

async function measureRound(): Promise<Round> {
  const starts = new Map<string, Start>();
  for (const [name, serve] of Object.entries(commands)) starts.set(name, await measureStart(serve));
  const ups = new Map<string, number>();
  for (const [name, measure] of Object.entries(threads)) ups.set(name, await measure());
  const { first, second } = await measureFirstJobs();
  ups.set("the first `fib 1` in a warm lane", first);
  ups.set("the second", second);
  return { starts, ups };
}

function byName<T>(rounds: readonly ReadonlyMap<string, T>[]): Map<string, T[]> {
  const names = [...rounds[0]?.keys() ?? []];
  return new Map(names.map((name) => [name, rounds.map((round) => round.get(name)!)]));
}

function startRow(name: string, its: readonly Start[]): string {
  const jobs = its.map(({ job }) => job);
  const connected = median(its.map(({ connected }) => connected));
  return row(name, [connected, median(its.map(({ ping }) => ping)), median(jobs), max(jobs)]);
}

function row(name: string, ms: readonly number[]): string {
  return `| ${[name, ...ms.map((one) => time(one * 1000))].join(" | ")} |`;
}

function max(values: readonly number[]): number {
  return Math.max(...values);
}
