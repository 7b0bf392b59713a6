import { HistogramRecorder, mergeHistograms } from "./histogram.ts";
import type { JobRequest } from "../job_request.ts";
import type { Outcome, OutcomeKind, RefusalCode, Stop } from "../outcome.ts";
import type { JobStats, LaneEnd, PoolStats, ReuseStats } from "./stats.ts";

/** The part of a pool's stats that is counted as things happen. */
export type Counted = Pick<
  PoolStats,
  "jobs" | "outcomes" | "wait" | "run" | "refused" | "stops" | "laneEnds" | "reuse"
>;

const NO_REUSE = { sharing: 0, misses: 0, evictions: 0, entries: 0, bytes: 0 };

/** Counts what happens in a pool, for its stats. What it holds does not grow with the requests. */
export class StatsRecorder {
  readonly #jobs: (JobRecorder | undefined)[] = [];
  readonly #refused: Record<RefusalCode, number> = {
    BUSY: 0,
    DRAINING: 0,
    DENIED: 0,
    UNKNOWN_JOB: 0,
  };
  readonly #asked = new HistogramRecorder();
  readonly #killed = new HistogramRecorder();
  readonly #laneEnds: Record<LaneEnd, number> = {
    killed: 0,
    crashed: 0,
    "out-of-memory": 0,
    retired: 0,
    aged: 0,
    idle: 0,
  };

  /** A request has its outcome. This is on the way of every request. */
  settled(request: JobRequest, outcome: Outcome): void {
    const { job, shared } = request;
    const recorder = this.#jobs[job.index] ??= new JobRecorder(job.name);
    // A shared run is one run, and each of its sharers is one outcome.
    if (shared !== request) recorder.answered(outcome);
    if (shared !== undefined && shared !== request) return;
    if (outcome.lane !== 0) recorder.ran(outcome);
    if (outcome.kind !== "done") this.#notDone(outcome);
  }

  /** A lane has come to its end, or is about to. */
  laneEnded(reason: LaneEnd): void {
    this.#laneEnds[reason]++;
  }

  /** What was counted until now, and what the cache counts. */
  snapshot(reuse: Omit<ReuseStats, "shared" | "cached"> = NO_REUSE): Counted {
    const jobs = this.#jobs.flatMap((job) => job === undefined ? [] : [job]);
    const stats = jobs.map((job) => job.snapshot());
    return {
      jobs: Object.fromEntries(jobs.map(({ name }, i) => [name, stats[i]!])),
      outcomes: sum(stats.map(({ outcomes }) => outcomes)),
      wait: mergeHistograms(stats.map(({ wait }) => wait)),
      run: mergeHistograms(stats.map(({ run }) => run)),
      refused: { ...this.#refused },
      stops: { asked: this.#asked.snapshot(), killed: this.#killed.snapshot() },
      laneEnds: { ...this.#laneEnds },
      reuse: {
        shared: stats.reduce((sum, { shared }) => sum + shared, 0),
        cached: stats.reduce((sum, { cached }) => sum + cached, 0),
        ...reuse,
      },
    };
  }

  #notDone(outcome: Outcome): void {
    if (outcome.kind === "refused") this.#refused[outcome.code]++;
    else if ("stop" in outcome) this.#stopped(outcome.stop);
  }

  #stopped({ how, ms }: Stop): void {
    if (how === "asked") this.#asked.record(ms);
    else if (how === "killed") this.#killed.record(ms);
  }
}

/** Counts what becomes of the requests for one job. */
class JobRecorder {
  readonly name: string;
  readonly #outcomes = noOutcomes();
  readonly #wait = new HistogramRecorder();
  readonly #run = new HistogramRecorder();
  #shared = 0;
  #cached = 0;

  constructor(name: string) {
    this.name = name;
  }

  answered({ kind, reuse }: Outcome): void {
    this.#outcomes[kind]++;
    if (reuse === "shared") this.#shared++;
    else if (reuse === "cached") this.#cached++;
  }

  ran({ queueMs, runMs }: Outcome): void {
    this.#wait.record(queueMs);
    this.#run.record(runMs);
  }

  snapshot(): JobStats {
    return {
      outcomes: { ...this.#outcomes },
      wait: this.#wait.snapshot(),
      run: this.#run.snapshot(),
      shared: this.#shared,
      cached: this.#cached,
    };
  }
}

function noOutcomes(): Record<OutcomeKind, number> {
  return {
    done: 0,
    failed: 0,
    invalid: 0,
    cancelled: 0,
    killed: 0,
    deadline: 0,
    "out-of-memory": 0,
    crashed: 0,
    refused: 0,
  };
}

function sum(counts: readonly JobStats["outcomes"][]): JobStats["outcomes"] {
  const all = noOutcomes();
  for (const one of counts) {
    for (const kind of Object.keys(all) as OutcomeKind[]) all[kind] += one[kind];
  }
  return all;
}
