/**
 * Do good clients notice the bad ones? Over thirty kinds of clients that keep no rule, all at once,
 * against the real program on loopback, beside clients as they should be. The bad ones have a low
 * priority on the machine that all share: what they take from the others is what the server does
 * for them.
 *
 *     deno task bench:hostile                       everybody must say who they are
 *     deno task bench:hostile --anonymous           nobody is asked
 *     deno task bench:hostile --only "floods"       the kinds whose names contain a word
 *     deno task bench:hostile --each                one kind after the other, of all or of these
 *     deno task bench:hostile --seconds 5           shorter
 *     deno task bench:hostile --unbounded           as many, as often and as much as they can
 *     deno task bench:hostile --limits "rate=100"   what the operator grants the bad ones
 *
 * The mix is bounded, as it comes over a network that somebody watches: at most `--most` clients of
 * each kind at a time (1), each of which says `--bytes` in a visit at most (1,000,000), and comes
 * again `--rest` milliseconds after it has left or was let go, give or take a half (1,000). They come
 * `--head` seconds before it counts (20). With `--each` these are 2, 1,000,000, 100 and 1.
 *
 * What the machine takes from good clients is measured as well: beside two processes that burn a core
 * each, at the priority of the bad ones. The rest is the server's share.
 *
 * It exits with 1 where a good request failed or waited too long, where memory was not bounded, or
 * where something is left when all have gone.
 *
 * @module
 */

import { readFlags } from "./flags.ts";
import type { Bounds, PrintedReport } from "./hostile/attack.ts";
import type { GoodReport } from "./hostile/good_clients.ts";
import { KINDS } from "./hostile/kinds.ts";
import { residueOf, restOf, type Use, useOf } from "./hostile/residue.ts";
import { startVictim } from "./hostile/victim.ts";
import { ROOT } from "./servers.ts";

/** How much longer than without bad clients the slowest of a hundred good requests may take. */
const MOST_SLOWER = 3;

/** How much more memory the server may need at any time, in MiB. */
const MOST_GROWN_MB = 512;

/** The priority of the bad ones. */
const NICE = ["nice", "-n", "19"];

/**
 * Bad clients come first, and are well under way when it counts: what they are the first to ask for
 * is compiled meanwhile, which takes the thread that answers up to tens of milliseconds a time.
 */
const HEAD_START_S = 20;
const HEAD_START_EACH_S = 1;

/** What several others are where they are not given depends on it. */
const each = Deno.args.includes("--each");
const flags = readFlags({
  each: false,
  anonymous: false,
  unbounded: false,
  only: "",
  limits: "",
  seconds: each ? 2 : 10,
  head: each ? HEAD_START_EACH_S : HEAD_START_S,
  most: each ? 2 : 1,
  bytes: 1e6,
  rest: each ? 100 : 1000,
});
const { seconds: lasts, head: headS, only: word, anonymous, limits, most, bytes, rest } = flags;
const bounds: Bounds = flags.unbounded ? {} : { most, mostBytes: bytes, restMs: rest };
const breaches: string[] = [];

const victim = await startVictim({ anonymous, limits });
await using server = victim.server;
const { good, bad } = victim;

await beGood(2);
const without = await beGood(lasts);
showGood("without bad clients", without);
await showFloor();
const before = await restOf(server, good);
if (each) {
  for (const { name } of KINDS) if (name.includes(word)) await mix(name);
} else await mix(word);
await server.stop();
for (const breach of breaches) console.log(`  BREACH  ${breach}`);
Deno.exit(breaches.length > 0 ? 1 : 0);

/** Good clients beside bad ones of the kinds that `name` is part of: all, where it is empty. */
async function mix(name: string): Promise<void> {
  const use = useOf(server);
  const attacking = run<PrintedReport[]>("attack", {
    ...bad,
    ...(name === "" ? {} : { only: name }),
    seconds: lasts + headS,
    bounds,
  }, NICE);
  await new Promise((resolve) => setTimeout(resolve, headS * 1000));
  const beside = await beGood(lasts);
  const most = useOf(server);
  const reports = await attacking;
  if (!each) showBad(reports);
  showGood(each ? name : "beside them", beside);
  showSlower(beside);
  await judge(name || "all kinds", beside, [use, most]);
}

/** What the machine takes, and no server can give back: good clients beside what burns its cores. */
async function showFloor(): Promise<void> {
  const [command = "", ...args] = [...NICE, Deno.execPath(), "eval", "for (;;);"];
  const burning = [1, 2].map(() => new Deno.Command(command, { args }).spawn());
  const floor = await beGood(Math.min(lasts, 4));
  for (const process of burning) {
    process.kill("SIGKILL");
    await process.status;
  }
  showGood("beside two processes that burn", floor);
  showSlower(floor);
}

async function judge(
  what: string,
  beside: GoodReport,
  [start, most]: readonly [Use, Use],
): Promise<void> {
  for (const key of ["stayingMs", "visitingMs"] as const) {
    const slower = slowerBy(beside, key);
    if (slower > MOST_SLOWER) {
      breaches.push(`${what}: the p99 of ${key} is ${slower.toFixed(1)} times longer`);
    }
  }
  for (const failure of beside.failures) breaches.push(`${what}: ${failure}`);
  const grownMb = most.peakMb - start.rssMb;
  if (grownMb > MOST_GROWN_MB) breaches.push(`${what}: it took ${grownMb} MiB more`);
  const residue = residueOf(before, await restOf(server, good, before.fds.length));
  if (!each) console.log(`  memory: ${start.rssMb} MiB before, ${most.peakMb} at most`);
  if (!each) console.log(`  left: ${residue ?? "nothing"}`);
  if (residue !== undefined) breaches.push(`${what}: left ${residue}`);
}

/** How many times longer the slowest of a hundred took than without bad clients. */
function slowerBy(beside: GoodReport, key: "stayingMs" | "visitingMs"): number {
  return at(beside[key], 0.99) / at(without[key], 0.99);
}

function showSlower(beside: GoodReport): void {
  const [staying, visiting] = [slowerBy(beside, "stayingMs"), slowerBy(beside, "visitingMs")];
  console.log(`${" ".repeat(42)}p99 x ${staying.toFixed(1)} and x ${visiting.toFixed(1)}`);
}

function beGood(forSeconds: number): Promise<GoodReport> {
  return run<GoodReport>("good_clients", { ...good, seconds: forSeconds });
}

/** Runs a program of `bench/hostile`, and reads what it prints. */
async function run<T>(
  program: string,
  options: object,
  before: readonly string[] = [],
): Promise<T> {
  const [command = "", ...args] = [
    ...before,
    Deno.execPath(),
    ...["run", "-A", `bench/hostile/${program}.ts`, JSON.stringify(options)],
  ];
  const { stdout, success } = await new Deno.Command(command, {
    args,
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`bench/hostile/${program}.ts failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function showBad(reports: readonly PrintedReport[]): void {
  const width = Math.max(...reports.map(({ name }) => name.length));
  console.log(
    `\n  ${"what bad clients do".padEnd(width)}  clients        MB  how they were answered`,
  );
  for (const { name, connections, bytes, answers } of reports) {
    const heard = Object.entries(answers).sort(([, a], [, b]) => b - a).slice(0, 5);
    const mb = (bytes / 1e6).toFixed(1);
    console.log(
      `  ${name.padEnd(width)}${String(connections).padStart(9)}${mb.padStart(10)}  ${
        heard.map(([answer, times]) => `${times} ${answer}`).join(", ")
      }`,
    );
  }
  console.log();
}

function showGood(title: string, { stayingMs, visitingMs, failures }: GoodReport): void {
  const figures = [stayingMs, visitingMs].map((tookMs, i) =>
    `${tookMs.length} ${i === 0 ? "requests" : "visits"}: p50 ${ms(tookMs, 0.5)}, p99 ${
      ms(tookMs, 0.99)
    }`
  );
  console.log(`  ${title.padEnd(40)}${figures.join(";  ")} ms;  ${failures.length} failed`);
}

function ms(tookMs: readonly number[], share: number): string {
  return at(tookMs, share).toFixed(2);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}
