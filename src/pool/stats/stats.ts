import type { Isolation } from "../../env/mod.ts";
import { type Histogram, histogramSince } from "./histogram.ts";
import type { OutcomeKind, RefusalCode } from "../outcome.ts";

/** How often jobs ended in each way. */
export type OutcomeCounts = Readonly<Record<OutcomeKind, number>>;

/** How often requests were refused, by the reason. */
export type RefusalCounts = Readonly<Record<RefusalCode, number>>;

/**
 * Why a lane came to its end: it was `killed` to stop its job, or did not load its job files;
 * `crashed`; ran `out-of-memory`; was `retired` for what a job left behind in it; `aged`, by the
 * jobs that it ran or the time that it was there; or given back after it had been `idle` for long.
 */
export type LaneEnd = "killed" | "crashed" | "out-of-memory" | "retired" | "aged" | "idle";

/** How many lanes came to their end, by the reason. */
export type LaneEndCounts = Readonly<Record<LaneEnd, number>>;

/** How often requests for one job ended in each way, and how long its runs took. */
export interface JobStats {
  /** How its requests ended. */
  readonly outcomes: OutcomeCounts;

  /** How long those waited that started, in milliseconds. */
  readonly wait: Histogram;

  /** How long the runs took, however they ended, in milliseconds. */
  readonly run: Histogram;

  /** How many had no run of their own: they shared another's. */
  readonly shared: number;

  /** How many had no run, for their result was kept. */
  readonly cached: number;
}

/** What runs and results are used more than once, of jobs that are declared pure. */
export interface ReuseStats {
  /** How many requests shared the run of another. */
  readonly shared: number;

  /** How many wait for the run of another now, besides those in the queue. */
  readonly sharing: number;

  /** How many requests were answered from the cache. */
  readonly cached: number;

  /** How many were not, though they might have been. */
  readonly misses: number;

  /** How many results were dropped before their time, to make room. */
  readonly evictions: number;

  /** How many results are kept. */
  readonly entries: number;

  /** How many bytes they take, as far as can be told. */
  readonly bytes: number;
}

/** What one lane does now. */
export interface LaneStats {
  /** Its number, as outcomes and the log have it. */
  readonly id: number;

  /** What it does. One that is `retiring` is replaced once its jobs have ended. */
  readonly state: "idle" | "busy" | "retiring";

  /** How long ago its last job began or ended, in milliseconds. */
  readonly sinceMs: number;

  /** What has begun there: one job, unless jobs that mostly wait share the lane. */
  readonly runs: readonly RunStats[];

  /** How many requests are posted to it that have not begun. */
  readonly ahead: number;
}

/** One run that is under way. */
export interface RunStats {
  /** The job. */
  readonly job: string;

  /** How long it has run, in milliseconds. */
  readonly runMs: number;
}

/** What the lanes of one permission set do now. */
export interface ScopeStats {
  /** What it is called in the log. */
  readonly name: string;

  /** What its jobs run in. */
  readonly isolation: Isolation;

  /** The heap of each of its lanes, in MiB. */
  readonly memoryMb: number;

  /** How many requests wait for one of its lanes. */
  readonly queued: number;

  /** How long the oldest of them has waited, in milliseconds. */
  readonly oldestQueuedMs: number;

  /** How many lanes are not up yet. */
  readonly starting: number;

  /** Those that are. */
  readonly lanes: readonly LaneStats[];
}

/**
 * A snapshot of what a pool does and has done: plain data, which JSON can say. Counters and
 * histograms begin when the pool is opened and are never reset, so that each reader can make
 * differences of its own, with {@linkcode statsSince}. Its size depends on how many jobs and lanes
 * there are, and not on how many requests there were.
 */
export interface PoolStats {
  /** The time that counters and histograms cover, in milliseconds. */
  readonly spanMs: number;

  /** What jobs run in: lanes in this process, or a process each. */
  readonly isolation: Isolation;

  /** How many jobs run at full share. */
  readonly cores: number;

  /** How many requests wait for a lane. */
  readonly queued: number;

  /** How long the oldest request has waited, in milliseconds. */
  readonly oldestQueuedMs: number;

  /** How many jobs have begun and not ended: a lane that has one may not have taken it up. */
  readonly running: number;

  /** How many lanes wait for work, have some, and are not up yet. */
  readonly lanes: { readonly idle: number; readonly busy: number; readonly starting: number };

  /** Each permission set, with its queue and its lanes. */
  readonly scopes: readonly ScopeStats[];

  /** Each job that was asked for, by its name. */
  readonly jobs: Readonly<Record<string, JobStats>>;

  /** How often a job ended in each way. */
  readonly outcomes: OutcomeCounts;

  /** How long requests waited that started, in milliseconds. */
  readonly wait: Histogram;

  /** How long runs took, however they ended, in milliseconds. */
  readonly run: Histogram;

  /** What requests were refused for. */
  readonly refused: RefusalCounts;

  /** How long jobs took to stop: those that did so when asked, and those that were killed. */
  readonly stops: { readonly asked: Histogram; readonly killed: Histogram };

  /** What lanes came to their end for. Each but those that were not needed is replaced. */
  readonly laneEnds: LaneEndCounts;

  /** What runs and results were used more than once. All 0 where that was not asked for. */
  readonly reuse: ReuseStats;

  /** How many lanes were killed, for whatever reason. */
  readonly kills: number;

  /** Kills whose end was not seen: each may be a thread that still burns a core. */
  readonly unverifiedKills: number;

  /** How many lanes were killed and have not ended by now. Their threads may burn a core each. */
  readonly stuckLanes: number;
}

/**
 * What came to a pool's counters and histograms after an earlier snapshot, and all else as it is
 * now: divide by `spanMs` for rates.
 *
 * @example
 * ```ts
 * import { quantileMs, realEnv, statsSince, Switch, WorkerPool } from "@switchyard/switchyard";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const env = realEnv({ log: { level: "warn" } });
 * await Switch.run(async (sw) => {
 *   const pool = await WorkerPool.open(sw, env, { jobs: await env.cwd.subtree("workers") });
 *   await pool.submit("fib", 10);
 *   const before = pool.stats();
 *   await pool.submit("fib", 10);
 *   const { jobs, outcomes } = statsSince(pool.stats(), before);
 *   assertEquals(outcomes.done, 1);
 *   assert(quantileMs(jobs.fib!.run, 0.99) < 1_000);
 * });
 * ```
 */
export function statsSince(now: PoolStats, previous: PoolStats): PoolStats {
  return {
    ...now,
    spanMs: now.spanMs - previous.spanMs,
    jobs: jobsSince(now.jobs, previous.jobs),
    outcomes: countsSince(now.outcomes, previous.outcomes),
    wait: histogramSince(now.wait, previous.wait),
    run: histogramSince(now.run, previous.run),
    refused: countsSince(now.refused, previous.refused),
    stops: {
      asked: histogramSince(now.stops.asked, previous.stops.asked),
      killed: histogramSince(now.stops.killed, previous.stops.killed),
    },
    laneEnds: countsSince(now.laneEnds, previous.laneEnds),
    reuse: reuseSince(now.reuse, previous.reuse),
    kills: now.kills - previous.kills,
    unverifiedKills: now.unverifiedKills - previous.unverifiedKills,
  };
}

function jobsSince(now: PoolStats["jobs"], previous: PoolStats["jobs"]): PoolStats["jobs"] {
  const since = ([name, job]: [string, JobStats]): [string, JobStats] => {
    const before = previous[name];
    return [name, before === undefined ? job : jobSince(job, before)];
  };
  return Object.fromEntries(Object.entries(now).map(since));
}

function jobSince(now: JobStats, previous: JobStats): JobStats {
  return {
    outcomes: countsSince(now.outcomes, previous.outcomes),
    wait: histogramSince(now.wait, previous.wait),
    run: histogramSince(now.run, previous.run),
    shared: now.shared - previous.shared,
    cached: now.cached - previous.cached,
  };
}

function reuseSince(now: ReuseStats, previous: ReuseStats): ReuseStats {
  const { sharing, entries, bytes } = now;
  return { ...countsSince({ ...now }, { ...previous }), sharing, entries, bytes };
}

function countsSince<K extends string>(
  now: Readonly<Record<K, number>>,
  previous: Readonly<Record<K, number>>,
): Record<K, number> {
  const counts: Record<K, number> = { ...now };
  for (const key in counts) counts[key] -= previous[key];
  return counts;
}
