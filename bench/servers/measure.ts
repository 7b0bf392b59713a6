import { mergeHistograms, quantileMs } from "../../src/pool/stats/histogram.ts";
import type { Generator } from "../load/generator.ts";
import type { Group, LoadResult } from "../load/plan.ts";
import { median } from "../median.ts";
import type { Server } from "../servers.ts";
import type { CalmTurns } from "../stolen.ts";
import { privateKbOf } from "../wire/process_use.ts";
import type { Peer } from "./peer.ts";
import type { Figures } from "./results.ts";
import { type Idle, type Load, TINY, type Workload } from "./workloads.ts";

/**
 * Clients before those that count, and for how long: code is compiled once, which takes tens of
 * milliseconds a time in some servers, and the heap comes to the size of one in use.
 */
const MANY_CLIENTS: Group = { kind: "closed", connections: 200, depth: 1, script: TINY };
const BUSY_CLIENTS: Group = { kind: "closed", connections: 16, depth: 1, script: TINY };
const WARM_UP_MS = 1_000;

/** Memory is at rest when it has changed by no more than this for so long. */
const REST_KB = 128;
const REST_MS = 1_000;

/** What goes on changing is taken as it is after so many times as long. */
const MOST_RESTS = 15;

/** A peer that runs. */
export interface Running {
  readonly peer: Peer;
  readonly server: Pick<Server, "port">;
}

/** Who makes the load. */
export type LoadMaker = Pick<Generator, "run" | "hold" | "release">;

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  /** How long a load counts in each round, in seconds. */
  readonly seconds: number;
  /**
   * How long memory must stay as it is to be at rest, in milliseconds.
   *
   * @default {1000}
   */
  readonly restMs?: number;
}

/**
 * Asks all peers the same in several rounds, each beginning with another of them, and returns the
 * medians by name. A turn in which the host gave much of the machine's time to others is taken again:
 * times suffer from it, memory does not.
 */
export async function measure(
  workload: Workload,
  field: readonly Running[],
  generator: LoadMaker,
  { rounds, seconds, restMs = REST_MS }: Extent,
  onTurn: (round: number, name: string) => void,
  turns: CalmTurns,
): Promise<Map<string, Figures>> {
  const found = new Map(field.map(({ peer }) => [peer.name, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (const running of rotated(field, round)) {
      const { name } = running.peer;
      onTurn(round, name);
      found.get(name)!.push(
        workload.kind === "idle"
          ? await measureIdle(workload, running.peer, generator, restMs)
          : await measureCalmly(() => measureLoad(workload, running, generator, seconds), turns),
      );
    }
  }
  return new Map([...found].map(([name, each]) => [name, medians(each)]));
}

function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const first = by % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

async function measureCalmly(turn: () => Promise<Figures>, turns: CalmTurns): Promise<Figures> {
  const { value, stolen } = await turns.take(turn);
  return { ...value, stolen };
}

async function measureLoad(
  { groups, warmMs }: Load,
  { server: { port } }: Running,
  generator: LoadMaker,
  seconds: number,
): Promise<Figures> {
  if (groups[0].kind === "open") await warmUp(port, BUSY_CLIENTS, generator);
  return figuresOf(
    await generator.run({ ports: [port], warmMs, measureMs: seconds * 1000, groups }),
  );
}

function figuresOf({ groups: [light, heavy], busy }: LoadResult): Figures {
  const { perSecond, latency } = light!;
  const at = (share: number) => quantileMs(latency, share) * 1000;
  return {
    rate: perSecond,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    generatorBusy: busy,
    ...(heavy === undefined ? {} : { heavyRate: heavy.perSecond }),
    latency,
  };
}

/** In a process of its own: one that was busy before has memory to spare. */
async function measureIdle(
  { connections }: Idle,
  peer: Peer,
  generator: LoadMaker,
  restMs: number,
): Promise<Figures> {
  await using server = await peer.start();
  await warmUp(server.port, MANY_CLIENTS, generator);
  const beforeKb = await restingKb(server.pid, restMs);
  await generator.hold(server.port, connections, TINY);
  const memory = (await restingKb(server.pid, restMs) - beforeKb) * 1024 / connections;
  await generator.release();
  return { memory };
}

/** Keeps a server busy for a while: what is measured is one in use. */
async function warmUp(port: number, clients: Group, generator: LoadMaker): Promise<void> {
  await generator.run({ ports: [port], warmMs: 0, measureMs: WARM_UP_MS, groups: [clients] });
}

/** The memory of a process at rest: it may still start what it needs later, or collect garbage. */
async function restingKb(pid: number, restMs: number): Promise<number> {
  let lastKb = privateKbOf(pid);
  for (let rests = 0; rests < MOST_RESTS; rests++) {
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const kb = privateKbOf(pid);
    if (Math.abs(kb - lastKb) <= REST_KB) return kb;
    lastKb = kb;
  }
  return lastKb;
}

/** The medians of each figure, and the latencies of all rounds together. */
function medians(rounds: readonly Figures[]): Figures {
  const { latency, ...first } = rounds[0]!;
  const keys = Object.keys(first) as Exclude<keyof Figures, "latency">[];
  const entries = keys.map((key) => [key, median(rounds.map((round) => round[key]!))]);
  const all = rounds.flatMap((round) => round.latency ?? []);
  return { ...Object.fromEntries(entries), ...(latency ? { latency: mergeHistograms(all) } : {}) };
}
