import type { JobPriority, Progress } from "../job/mod.ts";
import type { Job } from "./jobs/catalogue.ts";
import type { ChunkSource } from "./talk/chunk_source.ts";
import type { PoolLane } from "./lanes/lane.ts";
import type { Flow } from "./queue/flow.ts";
import type { JobInput } from "./link/mod.ts";
import type { Outcome } from "./outcome.ts";
import { rankOf } from "./queue/priority.ts";
import type { RequestTalk } from "./talk/request_talk.ts";
import type { SharedRun } from "./reuse/shared_run.ts";
import type { Submitter } from "./queue/submitter.ts";

/** Why and when a running job was told to stop. */
export interface StopOrder {
  readonly cause: "cancel" | "deadline";
  readonly why: string;
  readonly atMs: number;
  /** When the job was seen to hear of it. */
  ackedMs?: number;
}

/** What a request may say of itself. What is left out is the job's. */
export interface RequestOptions {
  /** How long it may run, from its start, in milliseconds. */
  readonly deadlineMs?: number;

  /** How long it may take to stop when asked, before it is killed, in milliseconds. */
  readonly graceMs?: number;

  /**
   * How long it may wait in the queue, in milliseconds; then it is refused as `BUSY`.
   *
   * @default {60_000, or what the pool says}
   */
  readonly maxQueueMs?: number;

  /**
   * How urgent it is. While all wait, "high" gets eight times the time of "low" and twice that of
   * "normal"; none starves.
   *
   * @default {what its job says, or "normal"}
   */
  readonly priority?: JobPriority;
}

/**
 * The start of a lane takes about so much CPU time, in milliseconds. Whoever asked for the end of the
 * run: to cancel what does not stop when asked would else be a way to take lane after lane for nothing.
 */
const LANE_MS = 200;

let lastId = 0;

/**
 * One request for a run of a job, from its submission to its one outcome. It is a plain record that
 * the pool links into its queue and its lanes: the way of a small job makes no promise, no closure
 * and no signal. Extend it to receive the outcome.
 */
export abstract class JobRequest {
  /** Its number in this process, for the log. */
  readonly id = ++lastId;
  readonly job: Job;
  readonly input: JobInput;
  submitter: Submitter;
  deadlineMs: number;
  graceMs: number;
  maxQueueMs: number;
  rank: number;

  /** Where it is. The pool's own business, as all that follows. */
  place: "new" | "queued" | "posted" | "sharing" | "settled" = "new";
  /** Since when it waits, on the monotonic clock: of many that come at once, one look will do. */
  queuedMs = 0;
  postedMs = 0;
  /** When it has waited as long as it may. */
  expiresMs = Infinity;
  /** Its place among all requests of its scope. */
  arrival = 0;
  flow: Flow | undefined;
  /** What it is expected to be, and to cost in milliseconds; and whether its flow has paid that. */
  kind = 0;
  costMs = 0;
  isCharged = false;
  /** Whether it is expected to run long, or has been seen to. */
  isLong = false;
  lane: PoolLane | undefined;
  seq = 0;
  stop: StopOrder | undefined;
  /** The run that it shares, or may share once that begins; of such a run, the run itself. */
  shared: SharedRun | undefined;
  /** What is said while it runs; most say nothing. */
  talk: RequestTalk | undefined;
  previous: JobRequest | undefined;
  next: JobRequest | undefined;

  constructor(
    job: Job,
    input: JobInput,
    submitter: Submitter,
    options: RequestOptions = {},
  ) {
    this.job = job;
    this.input = input;
    this.submitter = submitter;
    this.deadlineMs = options.deadlineMs ?? job.deadlineMs;
    this.graceMs = options.graceMs ?? job.graceMs;
    this.maxQueueMs = options.maxQueueMs ?? job.maxQueueMs;
    this.rank = options.priority === undefined ? job.rank : rankOf(options.priority);
  }

  /** Learns how long it has run, and how much of that on a core, as far as that is known. */
  hasRun(runMs: number, cpuMs: number = runMs): void {
    const { scope } = this.job;
    if (typeof scope !== "string") scope.backlog.settle(this, runMs, cpuMs);
  }

  /** The same of a run that has ended its lane: it pays for the start of another. */
  hasEndedLane(runMs: number): void {
    const { scope } = this.job;
    if (typeof scope !== "string") scope.backlog.settle(this, runMs, runMs, LANE_MS);
  }

  /** The input, where the job pulls it. */
  get source(): ChunkSource | undefined {
    return undefined;
  }

  /** Receives how far the job has come: at most every 100 ms, and the last. */
  progressed(_progress: Progress): void {}

  /**
   * Receives an item, where the input says that they are streamed. The job may go on for so many
   * items while earlier ones are pending. What this throws cancels the request.
   */
  item(_item: unknown): void | Promise<void> {}

  /** Receives the outcome, once. */
  abstract settled(outcome: Outcome): void;
}
