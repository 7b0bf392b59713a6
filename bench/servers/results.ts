import type { Histogram } from "../../src/pool/stats/histogram.ts";
import { ROOT } from "../servers.ts";

/** What was found of one peer under one workload. Latencies are in microseconds. */
export interface Figures {
  /** Replies a second. */
  readonly rate?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
  /** Replies a second to the clients that got in the way. */
  readonly heavyRate?: number;
  /** Bytes of the server's own memory for each connection. */
  readonly memory?: number;
  /** The share of the time in which the generator was at work. */
  readonly generatorBusy?: number;
  /** The share of the machine's time that its host gave to others meanwhile. */
  readonly stolen?: number;
  readonly latency?: Histogram;
}

/** What was found under one workload, in one run. */
export interface Finding {
  /** When, as ISO 8601. */
  readonly at: string;
  readonly rounds: number;
  readonly seconds: number;
  /** By the name of the peer. */
  readonly peers: Readonly<Record<string, Figures>>;
}

/** All findings, by the id of the workload. */
export type Results = Readonly<Record<string, Finding>>;

const FILE = new URL("bench/results/servers.json", ROOT);

/** What was found before, here. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await Deno.readTextFile(FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Keeps what was found under a workload, beside all others. */
export async function keepFinding(id: string, finding: Finding): Promise<void> {
  const all = { ...await readResults(), [id]: finding };
  await Deno.mkdir(new URL("./", FILE), { recursive: true });
  await Deno.writeTextFile(FILE, `${JSON.stringify(all)}\n`);
}
