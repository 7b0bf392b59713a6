/**
 * How long until the first reply? The commands that serve, from their start to a client's first
 * connection, its first `PING` and its first job; and what a thread takes of that, beside the least
 * that the platform can do.
 *
 *     deno task bench:start                the tables, of 10 rounds
 *     deno task bench:start --rounds 5     fewer
 *     deno task bench:start --wait 30      waits up to half an hour for a host that has other guests
 *     deno task bench:start --write        the tables go into docs/performance.md
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import { time } from "./servers/format.ts";
import { commands, measureStart, type Start } from "./start/servers.ts";
import { measureFirstJobs, threads } from "./start/threads.ts";
import { leastDisturbed, realHost } from "./stolen.ts";
import { writeSection } from "./write_section.ts";

const { rounds, wait, write } = readFlags({ rounds: 10, wait: 0, write: false });
const host = realHost(wait);

const starts = new Map<string, Start[]>(Object.keys(commands).map((name) => [name, []]));
const ups = new Map<string, number[]>(Object.keys(threads).map((name) => [name, []]));
const firsts: number[] = [];
const seconds: number[] = [];

for (let round = 0; round < rounds; round++) {
  for (const [name, serve] of Object.entries(commands)) {
    starts.get(name)!.push(await calmly(() => measureStart(serve)));
  }
  for (const [name, measure] of Object.entries(threads)) ups.get(name)!.push(await calmly(measure));
  const { first, second } = await calmly(measureFirstJobs);
  firsts.push(first);
  seconds.push(second);
}
ups.set("the first `fib 1` in a warm lane", firsts);
ups.set("the second", seconds);

const text = [
  "| from the command to | connected | `PING` | `fib 30` | at worst |",
  "| --- | --: | --: | --: | --: |",
  ...[...starts].map(([name, its]) => startRow(name, its)),
  "",
  "| a thread | median | at worst |",
  "| --- | --: | --: |",
  ...[...ups].map(([name, ms]) => row(name, [median(ms), max(ms)])),
].join("\n");
console.log(text);
if (write) await writeSection("start", text, "docs/performance.md");

/** What a measurement gives in a time that the host gives to this machine, as far as can be had. */
async function calmly<T>(measure: () => Promise<T>): Promise<T> {
  return (await leastDisturbed(measure, host)).value;
}

function startRow(name: string, its: readonly Start[]): string {
  const jobs = its.map(({ job }) => job);
  const connected = median(its.map(({ connected }) => connected));
  return row(name, [connected, median(its.map(({ ping }) => ping)), median(jobs), max(jobs)]);
}

function row(name: string, ms: readonly number[]): string {
  return `| ${[name, ...ms.map((one) => time(one * 1000))].join(" | ")} |`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function max(values: readonly number[]): number {
  return Math.max(...values);
}
