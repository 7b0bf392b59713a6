import type { Job } from "./catalogue.ts";
import type { PoolLane } from "./lane.ts";
import type { JobInput } from "./link/mod.ts";
import type { Outcome } from "./outcome.ts";
import type { RequestQueue } from "./request_queue.ts";
import type { Submitter } from "./submitter.ts";

/** Why and when a running job was told to stop. */
export interface StopOrder {
  readonly cause: "cancel" | "deadline";
  readonly why: string;
  readonly atMs: number;
  /** When the job was seen to hear of it. */
  ackedMs?: number;
}

/**
 * One request for a run of a job, from its submission to its one outcome. It is a plain record that
 * the pool links into its queue and its lanes: the way of a small job makes no promise, no closure
 * and no signal. Extend it to receive the outcome.
 */
export abstract class JobRequest {
  readonly job: Job;
  readonly input: JobInput;
  readonly submitter: Submitter;
  readonly deadlineMs: number;
  readonly graceMs: number;

  /** Where it is. The pool's own business, as all that follows. */
  place: "new" | "queued" | "posted" | "settled" = "new";
  queuedMs = 0;
  postedMs = 0;
  queue: RequestQueue | undefined;
  /** Whether its submitter's history says that it will run long. */
  isLong = false;
  lane: PoolLane | undefined;
  seq = 0;
  stop: StopOrder | undefined;
  previous: JobRequest | undefined;
  next: JobRequest | undefined;

  constructor(
    job: Job,
    input: JobInput,
    submitter: Submitter,
    limits: { readonly deadlineMs?: number; readonly graceMs?: number } = {},
  ) {
    this.job = job;
    this.input = input;
    this.submitter = submitter;
    this.deadlineMs = limits.deadlineMs ?? job.deadlineMs;
    this.graceMs = limits.graceMs ?? job.graceMs;
  }

  /** Receives the outcome, once. */
  abstract settled(outcome: Outcome): void;
}
