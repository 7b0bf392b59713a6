import { type Backlog, Kind } from "../queue/backlog.ts";
import type { Cores } from "./cores.ts";
import type { JobRequest } from "../job_request.ts";
import type { PoolLane } from "./lane.ts";
import { SHORT_MS } from "../queue/run_times.ts";
import type { Submitter } from "../queue/submitter.ts";

/**
 * Who has no long job that computes waits for a core to come free twice as long as its own will take,
 * and so long at least and at most; and a job that has held one for longer shares it. In milliseconds.
 */
const PATIENCE = 2;
const LEAST_PATIENCE_MS = 20;
const MOST_PATIENCE_MS = 1_000;

/** So many jobs that are known to be long compute for each core at most: they slow none by more. */
const JOBS_PER_CORE = 2;

/**
 * Lends cores that long work holds, so that the jobs of one submitter do not keep those of another
 * waiting until their deadlines. A core is lent once, to who has none and has waited twice as long as
 * its job will take, where the job that holds it has held it for longer than that. While cores come
 * free sooner the order of turns is fair enough, and a crowd of jobs that are alike would gain nothing
 * from running all at once.
 *
 * Deadlines count from the start of a run, so that a loan brings both jobs nearer to theirs. A core
 * is not lent where its job, by what is known of such, would be late for that, unless its submitter
 * has several; nor to a job that would be.
 */
export class CoreLoans {
  readonly #backlog: Backlog;
  readonly #cores: Cores;

  /** To how many a core was lent in the last look for whom there was no lane. */
  unmet = 0;
  /** Since when the first of those waits to whom a core was lent in the last look. */
  #oldestMs = Infinity;

  /** `backlog` is what waits in the scope whose long work is given the cores. */
  constructor(backlog: Backlog, cores: Cores) {
    this.#backlog = backlog;
    this.#cores = cores;
  }

  /** Whether one to whom a core was lent, and a lane was not, has waited longer than anybody shall. */
  isOverdue(nowMs: number): boolean {
    return this.unmet > 0 && nowMs - this.#oldestMs > MOST_PATIENCE_MS;
  }

  /**
   * The requests to which a core is lent, so that they may start whoever's turn it is: one of each
   * submitter, in the order of their turns.
   */
  due(nowMs: number): readonly JobRequest[] {
    const computing = [...this.#cores.lanes].filter((lane) => computes(lane, nowMs));
    const holders = computing.map(({ running }) => running!.submitter);
    const due: JobRequest[] = [];
    const most = this.#room(computing, holders, nowMs - LEAST_PATIENCE_MS);
    this.#oldestMs = Infinity;
    for (const request of this.#backlog.firsts(Kind.LONG)) {
      if (due.length >= most) break;
      const patienceMs = patienceOf(request);
      if (nowMs - request.queuedMs <= patienceMs || needsItsCore(request)) continue;
      if (shareOf(request.submitter, holders) > 0) continue;
      if (this.#room(computing, holders, nowMs - patienceMs) <= due.length) continue;
      holders.push(request.submitter);
      due.push(request);
      this.#oldestMs = Math.min(this.#oldestMs, request.queuedMs);
    }
    return due;
  }

  /**
   * How many may start where those share their cores who had them before `sinceMs`. What nobody knew
   * to be long does not count: it began whatever the cores had to do, and if it went on coming, what
   * is known would wait for ever.
   */
  #room(computing: readonly PoolLane[], holders: readonly Submitter[], sinceMs: number): number {
    const { total } = this.#cores;
    const known = computing.filter(({ running }) => running!.kind === Kind.LONG);
    const held = known.filter((lane) => !mayLend(lane, holders, sinceMs));
    return Math.min(total - held.length, total * JOBS_PER_CORE - known.length);
  }
}

function computes(lane: PoolLane, nowMs: number): boolean {
  return lane.isLong(nowMs) && !lane.isWaiting;
}

/**
 * How long who waits does so for a core, in milliseconds. A short job among the long ones is one that
 * ends lanes, which take longer to start than it does.
 */
function patienceOf({ costMs }: JobRequest): number {
  if (costMs <= SHORT_MS) return MOST_PATIENCE_MS;
  return Math.min(Math.max(PATIENCE * costMs, LEAST_PATIENCE_MS), MOST_PATIENCE_MS);
}

function mayLend(lane: PoolLane, holders: readonly Submitter[], sinceMs: number): boolean {
  if (lane.startedMs >= sinceMs) return false;
  const request = lane.running!;
  return !needsItsCore(request) || shareOf(request.submitter, holders) > 1;
}

/**
 * Whether a job would be late for its deadline where two share its core. One that is expected to be
 * late anyway, as those were before it, loses nothing.
 */
function needsItsCore({ costMs, deadlineMs }: JobRequest): boolean {
  return costMs < deadlineMs && costMs * JOBS_PER_CORE > deadlineMs;
}

/** How many of the holders are one with a submitter. */
function shareOf(submitter: Submitter, holders: readonly Submitter[]): number {
  return holders.reduce((sum, holder) => holder.isOneWith(submitter) ? sum + 1 : sum, 0);
}
