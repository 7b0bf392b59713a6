import type { Clock, KillReport, Log } from "../env/mod.ts";
import type { JobRequest, StopOrder } from "./job_request.ts";
import type { PoolLane } from "./lanes/lane.ts";
import { type Ended, unsendable } from "./lanes/lane_link.ts";
import type { MemoryKind } from "./link/mod.ts";
import type { Outcome, OutcomeFigures, RefusalCode, Stop } from "./outcome.ts";
import { StatsRecorder } from "./stats/stats_recorder.ts";

/** Gives every request its one outcome (law 7), and counts them. */
export class Outcomes {
  readonly recorder = new StatsRecorder();
  readonly #clock: Clock;
  readonly #log: Log;
  #expected = 0;
  #allSettled = Promise.withResolvers<void>();

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** A request is taken on: one outcome more is to come. */
  expect(): void {
    this.#expected++;
  }

  /** Resolves when every request that was taken on has its outcome. */
  async settled(): Promise<void> {
    while (this.#expected > 0) await this.#allSettled.promise;
  }

  /** Gives a request its outcome. A later one is not heard. */
  settle(request: JobRequest, outcome: Outcome): void {
    if (request.place === "settled") return;
    request.place = "settled";
    request.lane = undefined;
    request.talk?.end();
    this.recorder.settled(request, outcome);
    if (request.shared !== undefined) request.shared.forget(request);
    try {
      request.settled(outcome);
    } catch (error) {
      this.#log.error("Cannot hand over the outcome of a job", { job: request.job.name, error });
    }
    // Of a shared run each sharer is counted, and has its outcome by now.
    if (request.shared === request || --this.#expected > 0) return;
    this.#allSettled.resolve();
    this.#allSettled = Promise.withResolvers();
  }

  /** Takes a request on whose outcome is known already. */
  answer(request: JobRequest, outcome: Outcome): void {
    this.expect();
    this.settle(request, outcome);
  }

  /** Takes a request on to refuse it, at once. */
  refuse(request: JobRequest, code: RefusalCode, reason: string): void {
    this.answer(request, { kind: "refused", code, reason, ...UNSTARTED });
  }

  /** Takes a request on that was cancelled before it came. */
  turnAway(request: JobRequest, why: string): void {
    this.expect();
    request.queuedMs = this.#clock.monotonic();
    this.unstarted(request, why);
  }

  /** A request was stopped before it had started. */
  unstarted(request: JobRequest, why: string): void {
    const stop: Stop = { how: "never-started", why, ms: 0, verified: true };
    this.settle(request, { kind: "cancelled", stop, ...this.#waited(request) });
  }

  /** A request has waited as long as it may. */
  expired(request: JobRequest): void {
    const waited = this.#waited(request);
    const reason = `The job waited ${
      Math.round(waited.queueMs)
    } ms for a lane, and may wait ${request.maxQueueMs} ms. Try again later`;
    this.settle(request, { kind: "refused", code: "BUSY", reason, ...waited });
  }

  /** The input of a request cannot be sent to a lane. */
  unsendable(request: JobRequest, thrown: unknown): void {
    const error = unsendable(thrown);
    this.settle(request, { kind: "invalid", error, ...this.#waited(request) });
  }

  /** A run has ended by itself. */
  ended(lane: PoolLane, request: JobRequest, { runMs, figures: more, end }: Ended): void {
    if (end.kind === "aside") return this.#aside(request);
    request.hasRun(runMs, more?.cpuMs);
    const queueMs = request.postedMs - request.queuedMs;
    if (end.kind === "done" && more === undefined) { // most are: so plain an outcome costs little
      return this.settle(request, {
        kind: "done",
        result: end.result,
        queueMs,
        runMs,
        lane: lane.id,
      });
    }
    const figures: OutcomeFigures = { queueMs, runMs, lane: lane.id, ...more };
    if (end.kind !== "cancelled") return this.settle(request, { ...end, ...figures });
    const stop = this.#stopOf(request.stop!, "asked", true);
    this.settle(request, stopped(request, figures, stop));
  }

  /** The lane was killed under a run: to stop it, or for another that shared the lane. */
  killed(lane: PoolLane, request: JobRequest, { verified }: KillReport): void {
    if (request.stop === undefined) {
      const other = request.job.share < 1 ? ", perhaps to stop another run that shared it" : "";
      return this.crashed(lane, request, `its lane was killed${other}`);
    }
    const stop = this.#stopOf(request.stop, "killed", verified);
    this.settle(request, stopped(request, this.#ran(lane, request), stop));
  }

  /** The lane had more memory than it may. */
  outOfMemory(lane: PoolLane, request: JobRequest, memory: MemoryKind): void {
    const { scope } = request.job;
    const memoryMb = typeof scope === "string" ? 0 : scope.spec.memoryMb;
    this.settle(request, {
      kind: "out-of-memory",
      memory,
      memoryMb,
      ...this.#ran(lane, request),
    });
  }

  /** The lane has died under a run. */
  crashed(lane: PoolLane, request: JobRequest, reason: string): void {
    this.settle(request, { kind: "crashed", reason, ...this.#ran(lane, request) });
  }

  /** The request was posted to a lane that is without its job. */
  #aside(request: JobRequest): void {
    const reason =
      `The job ${request.job.name} has been put aside, for it ended lane after lane, and is not back yet. Try again later`;
    this.settle(request, { kind: "refused", code: "BUSY", reason, ...this.#waited(request) });
  }

  /** The figures of a request that did not start. */
  #waited({ queuedMs }: JobRequest): OutcomeFigures {
    return { ...UNSTARTED, queueMs: this.#clock.monotonic() - queuedMs };
  }

  /** The figures of a run whose lane is gone. */
  #ran(lane: PoolLane, request: JobRequest): OutcomeFigures {
    const runMs = this.#clock.monotonic() - lane.startOf(request);
    request.hasEndedLane(runMs);
    return { queueMs: request.postedMs - request.queuedMs, runMs, lane: lane.id };
  }

  #stopOf({ why, atMs, ackedMs }: StopOrder, how: Stop["how"], verified: boolean): Stop {
    const stop: Stop = { how, why, ms: this.#clock.monotonic() - atMs, verified };
    return ackedMs === undefined ? stop : { ...stop, ackMs: ackedMs - atMs };
  }
}

const UNSTARTED: OutcomeFigures = { queueMs: 0, runMs: 0, lane: 0 };

/** The outcome of a job that was told to stop, and did or was killed. */
function stopped(request: JobRequest, figures: OutcomeFigures, stop: Stop): Outcome {
  const { deadlineMs } = request;
  if (request.stop?.cause === "deadline") return { kind: "deadline", deadlineMs, stop, ...figures };
  return { kind: stop.how === "killed" ? "killed" : "cancelled", stop, ...figures };
}
