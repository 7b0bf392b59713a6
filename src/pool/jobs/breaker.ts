import type { Job } from "./catalogue.ts";

/** How many lanes a job may end one after the other before it is put aside. */
const MAX_CRASHES = 5;

/** For how long it is put aside then, and at most, in milliseconds. Each crash more doubles it. */
const ASIDE_MS = 1_000;
const MAX_ASIDE_MS = 60_000;

interface Record {
  /** The job as it was then: its file may have changed since. */
  readonly job: Job;
  crashes: number;
  reason: string;
  asideUntilMs: number;
}

/**
 * Puts jobs aside that end their lanes again and again, so that they do not keep the pool busy with
 * starting others: for a time that grows, and then they are tried again. One run that goes well is
 * enough to be trusted again, and so is a change of the job files.
 */
export class Breaker {
  readonly #records = new Map<number, Record>();

  /** A lane has ended under a job. Returns for how long the job is put aside, if it is. */
  crashed(job: Job, reason: string, nowMs: number): number | undefined {
    const record = this.#recordOf(job) ?? { job, crashes: 0, reason, asideUntilMs: 0 };
    this.#records.set(job.index, record);
    record.crashes++;
    record.reason = reason;
    const excess = record.crashes - MAX_CRASHES;
    if (excess < 0) return undefined;
    const asideMs = Math.min(ASIDE_MS * 2 ** excess, MAX_ASIDE_MS);
    record.asideUntilMs = nowMs + asideMs;
    return asideMs;
  }

  /** A run has ended without harm. */
  wentWell(job: Job): void {
    if (!this.isEmpty) this.#records.delete(job.index);
  }

  /** Whether no job has ended a lane since it last went well. */
  get isEmpty(): boolean {
    return this.#records.size === 0;
  }

  /** Why a job may not run now, in words. */
  refusal(job: Job, nowMs: number): string | undefined {
    const record = this.#recordOf(job);
    if (record === undefined || nowMs >= record.asideUntilMs) return undefined;
    const { crashes, reason, asideUntilMs } = record;
    const seconds = Math.ceil((asideUntilMs - nowMs) / 1_000);
    return `The job ${job.name} has been put aside: it ended ${crashes} lanes one after the other, the last as ${reason}. It is tried again in ${seconds} s`;
  }

  #recordOf(job: Job): Record | undefined {
    const record = this.#records.get(job.index);
    return record?.job === job ? record : undefined;
  }
}
