import type { Progress } from "../../job/mod.ts";
import { JobRequest, type StopOrder } from "../job_request.ts";
import { type JobInput, recordError } from "../link/mod.ts";
import type { Outcome, OutcomeFigures } from "../outcome.ts";

/** What a shared run needs of the pool. */
export interface SharedRunOwner {
  /** Milliseconds on the monotonic clock. */
  nowMs(): number;
  /** Gives a sharer its outcome. */
  settle(sharer: JobRequest, outcome: Outcome): void;
  /** Stops the run, which nobody shares any more. */
  stop(run: SharedRun, order: StopOrder): void;
  /** Requests that now wait for a run that is not theirs. */
  onShared(count: number): void;
  /** Nobody can join the run from now on. */
  onClosed(run: SharedRun): void;
  /** The run has its outcome. */
  onSettled(run: SharedRun, outcome: Outcome): void;
}

/**
 * One run for several requests that ask for the same.
 *
 * Laws:
 * 1. Until it begins, each of its sharers waits in the queue by itself, and the first whose turn
 *    comes begins it for all: nobody waits longer than alone, and the run has the best priority.
 * 2. Each has its own outcome, once: the run's, unless it leaves before, by its own cancel or
 *    deadline. Who leaves takes nothing from the others.
 * 3. A sharer's deadline counts from when the run began, or from when it joined if that was later.
 * 4. The run is stopped when the last who shares it has left, or when the deadlines of all who do
 *    have passed. They are told how it stopped, and when it really has (law 9).
 * 5. A run that was told to stop is joined by no one.
 */
export class SharedRun extends JobRequest {
  readonly key: string;
  readonly #owner: SharedRunOwner;
  /** Until how many milliseconds after its start each waits for the run. */
  readonly #limits = new Map<JobRequest, number>();
  #starter: JobRequest | undefined;

  constructor(first: JobRequest, key: string, input: JobInput, owner: SharedRunOwner) {
    super(first.job, input, first.submitter);
    this.key = key;
    this.shared = this;
    this.#owner = owner;
  }

  /** Whether it has had its turn: who joins now does not wait in the queue. */
  get hasBegun(): boolean {
    return this.#starter !== undefined;
  }

  /** Takes in one more, which is either about to be queued, or has just been taken on. */
  join(sharer: JobRequest): void {
    sharer.shared = this;
    const limitMs = this.#elapsedMs() + sharer.deadlineMs;
    this.#limits.set(sharer, limitMs);
    if (!this.hasBegun) return;
    sharer.place = "sharing";
    this.deadlineMs = Math.min(this.deadlineMs, limitMs);
    this.#owner.onShared(1);
  }

  /** The turn of one of them has come: takes its place, and the others out of the queue. */
  begin(starter: JobRequest): SharedRun {
    if (starter === this) return this;
    this.#starter = starter;
    this.#takePlaceOf(starter);
    for (const sharer of this.#limits.keys()) {
      if (sharer.place === "queued" && sharer !== starter) sharer.flow!.backlog.remove(sharer);
      sharer.place = "sharing";
    }
    this.deadlineMs = Math.min(...this.#limits.values());
    this.#owner.onShared(this.#limits.size - 1);
    return this;
  }

  /** Stops one of them: it leaves, unless it is the last, for whom the run is stopped. */
  stopFor(sharer: JobRequest, order: StopOrder): void {
    if (this.#limits.size > 1) return this.#leave(sharer, order);
    this.graceMs = sharer.graceMs;
    this.#stop(order);
  }

  /**
   * Lets those go whose deadline has passed. False: it has for all of them, so that the run is to
   * be stopped.
   */
  outlives(runMs: number, order: StopOrder): boolean {
    const late = [...this.#limits].filter(([, limitMs]) => limitMs <= runMs);
    if (late.length === this.#limits.size) {
      this.graceMs = Math.max(...late.map(([{ graceMs }]) => graceMs));
      this.#owner.onClosed(this);
      return false;
    }
    for (const [sharer] of late) this.#leave(sharer, { ...order, why: whyLate(sharer) });
    this.deadlineMs = Math.min(...this.#limits.values());
    return true;
  }

  /** Forgets one that has its outcome already: it was stopped while it waited in the queue. */
  forget(sharer: JobRequest): void {
    this.#limits.delete(sharer);
    if (this.#limits.size === 0 && !this.hasBegun) this.#owner.onClosed(this);
  }

  override progressed(progress: Progress): void {
    for (const sharer of this.#limits.keys()) sharer.progressed(progress);
  }

  override settled(outcome: Outcome): void {
    const sharers = [...this.#limits.keys()];
    this.#limits.clear();
    this.#owner.onClosed(this);
    this.#owner.onSettled(this, outcome);
    for (const [index, sharer] of sharers.entries()) {
      const own = { ...outcome, ...this.#figuresOf(sharer, outcome) };
      this.#owner.settle(sharer, index === 0 ? ownWords(own, sharer) : copyFor(own, sharer));
    }
  }

  /** Where the run is taken back before it has started, it stands where its starter did. */
  #takePlaceOf(starter: JobRequest): void {
    const { submitter, rank, flow, arrival, queuedMs, maxQueueMs, kind, costMs } = starter;
    Object.assign(this, { submitter, rank, flow, arrival, queuedMs, maxQueueMs, kind, costMs });
    this.isCharged = starter.isCharged;
    starter.isCharged = false; // the run's end settles it
  }

  #stop(order: StopOrder): void {
    this.#owner.onClosed(this);
    this.#owner.stop(this, order);
  }

  #leave(sharer: JobRequest, { cause, why }: StopOrder): void {
    const stop = { how: "left", why, ms: 0, verified: true } as const;
    const figures = this.#figuresOf(sharer);
    this.#owner.settle(
      sharer,
      cause === "cancel"
        ? { kind: "cancelled", stop, ...figures }
        : { kind: "deadline", deadlineMs: sharer.deadlineMs, stop, ...figures },
    );
  }

  /** How long the run has gone on, in milliseconds. */
  #elapsedMs(): number {
    const { lane } = this;
    if (!lane?.runs.includes(this) || !lane.hasBegun(this)) return 0;
    return this.#owner.nowMs() - lane.startOf(this);
  }

  /** What a sharer saw of the run: it began no earlier than the sharer came. */
  #figuresOf(sharer: JobRequest, run?: OutcomeFigures): OutcomeFigures {
    const queueMs = Math.max(this.postedMs - sharer.queuedMs, 0);
    const sinceMs = Math.max(this.#owner.nowMs() - sharer.queuedMs - queueMs, 0);
    return {
      queueMs,
      runMs: Math.min(run?.runMs ?? this.#elapsedMs(), sinceMs),
      lane: run?.lane ?? this.lane?.id ?? 0,
      ...(sharer === this.#starter ? {} : { reuse: "shared" }),
    };
  }
}

/** Why a request was stopped that ran for too long, in words. */
export function whyLate({ deadlineMs }: JobRequest): string {
  return `it ran longer than its deadline of ${deadlineMs} ms`;
}

/** The outcome of a run in the words for one who shared it: the deadline is its own. */
function ownWords(outcome: Outcome, sharer: JobRequest): Outcome {
  if (outcome.kind !== "deadline") return outcome;
  const stop = { ...outcome.stop, why: whyLate(sharer) };
  return { ...outcome, deadlineMs: sharer.deadlineMs, stop };
}

/** The same with a result of its own: what one does to it, the others must not see. */
function copyFor(outcome: Outcome, sharer: JobRequest): Outcome {
  if (outcome.kind !== "done") return ownWords(outcome, sharer);
  try {
    return { ...outcome, result: structuredClone(outcome.result) };
  } catch (error) {
    const { name, message } = recordError(error);
    const record = { name, message: `Cannot share the result of the run: ${message}` };
    const { queueMs, runMs, lane } = outcome;
    return { kind: "failed", error: record, queueMs, runMs, lane, reuse: "shared" };
  }
}
