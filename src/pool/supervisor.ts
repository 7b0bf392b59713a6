import type { Clock, Env, KillReport, Log, ThreadEnd, Timer } from "../env/mod.ts";
import { Breaker } from "./jobs/breaker.ts";
import type { CallDesk } from "./talk/call_desk.ts";
import type { Job } from "./jobs/catalogue.ts";
import type { Cores } from "./lanes/cores.ts";
import type { JobRequest, StopOrder } from "./job_request.ts";
import type { PoolLane } from "./lanes/lane.ts";
import type { Ended } from "./lanes/lane_link.ts";
import { describeEnd } from "./lanes/lane_starter.ts";
import { type FromLane, type FromRun, type MemoryKind, recordError } from "./link/mod.ts";
import { LOOK_MS, MemoryGuard } from "./lanes/memory_guard.ts";
import type { Outcome, RefusalCode, Stop } from "./outcome.ts";
import { RequestTalk, type TalkOwner } from "./talk/request_talk.ts";
import { SHORT_MS } from "./queue/run_times.ts";
import type { Scope, ScopeOwner } from "./scope.ts";
import { whyLate } from "./reuse/shared_run.ts";
import type { LaneEnd } from "./stats/stats.ts";
import { StatsRecorder } from "./stats/stats_recorder.ts";
import type { StuckLanes } from "./lanes/stuck_lanes.ts";

/** How often a busy pool looks whether a short job waits behind a long one, in milliseconds. */
const RELIEF_MS = SHORT_MS;

/**
 * Sees that every request gets its one outcome: it watches the deadlines, asks jobs to stop, kills
 * lanes that do not, and tells what became of the jobs of those that died.
 */
export class Supervisor implements ScopeOwner, TalkOwner {
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: Cores;
  readonly stuck: StuckLanes;
  readonly desk: CallDesk;
  readonly recorder = new StatsRecorder();
  kills = 0;

  readonly #guard: MemoryGuard;
  readonly #scopes = new Set<Scope>();
  readonly #breaker = new Breaker();
  readonly #outOfMemory = new WeakMap<PoolLane, MemoryKind>();
  #active = 0;
  #allSettled = Promise.withResolvers<void>();
  #timer: Timer | undefined;
  #dueMs = Infinity;
  #nextLookMs = 0;

  constructor(
    { clock, log, threads }: Pick<Env, "clock" | "log" | "threads">,
    cores: Cores,
    stuck: StuckLanes,
    desk: CallDesk,
  ) {
    this.#guard = new MemoryGuard(
      () => threads.residentMb(),
      (lane) => this.#outgrown(lane, "all"),
    );
    this.stuck = stuck;
    this.clock = clock;
    this.log = log;
    this.cores = cores;
    this.desk = desk;
  }

  get scopes(): ReadonlySet<Scope> {
    return this.#scopes;
  }

  add(scope: Scope): void {
    this.#scopes.add(scope);
  }

  /** Takes a request on: from here it has one outcome, whatever happens. */
  enqueue(request: JobRequest, scope: Scope): void {
    const nowMs = this.clock.monotonic();
    request.queuedMs = nowMs;
    this.#active++;
    scope.enqueue(request);
    if (request.place === "queued") this.cores.isContended = this.#waitingScopes > 1;
    this.#armFor(request, nowMs);
  }

  /** Takes a request on that is not queued: it shares a run that has begun. */
  adopt(request: JobRequest): void {
    const nowMs = this.clock.monotonic();
    request.queuedMs = nowMs;
    this.#active++;
    this.wakeAt(nowMs + request.deadlineMs);
  }

  /** Answers a request whose outcome is known already. */
  answer(request: JobRequest, outcome: Outcome): void {
    this.#active++;
    this.settle(request, outcome);
  }

  /** Refuses a request, at once. */
  refuse(request: JobRequest, code: RefusalCode, reason: string): void {
    this.answer(request, { kind: "refused", code, reason, queueMs: 0, runMs: 0, lane: 0 });
  }

  /** Why a job is not run for now, in words: it ended its lanes again and again. */
  asideReason({ job }: JobRequest): string | undefined {
    if (this.#breaker.isEmpty) return undefined;
    return this.#breaker.refusal(job, this.clock.monotonic());
  }

  /** Answers a request whose input cannot be sent to a lane. */
  onUnsendable(request: JobRequest, error: unknown): void {
    const queueMs = this.clock.monotonic() - request.queuedMs;
    const { name, message } = recordError(error);
    const record = {
      name,
      message: `Cannot send the input to the job: ${message}. Send data only`,
    };
    this.settle(request, { kind: "invalid", error: record, queueMs, runMs: 0, lane: 0 });
  }

  /** Answers a request that has waited in the queue as long as it may. */
  onExpired(request: JobRequest): void {
    const queueMs = this.clock.monotonic() - request.queuedMs;
    const reason = `The job waited ${
      Math.round(queueMs)
    } ms for a lane, and may wait ${request.maxQueueMs} ms. Try again later`;
    this.settle(request, { kind: "refused", code: "BUSY", reason, queueMs, runMs: 0, lane: 0 });
  }

  /** Answers a request that was cancelled before it came. */
  turnAway(request: JobRequest, why: string): void {
    this.#active++;
    request.queuedMs = this.clock.monotonic();
    this.#settleUnstarted(request, why);
  }

  /** Stops a request, wherever it is. One that has its outcome already is left alone. */
  cancel(request: JobRequest, why: string): void {
    this.stop(request, { cause: "cancel", why, atMs: this.clock.monotonic() });
  }

  /** Where several scopes wait for a core, they have it in turn: who had it last is last. */
  onRoom(scope: Scope): void {
    const waiting = this.#waitingScopes;
    if (waiting > (scope.queued > 0 ? 1 : 0)) this.#shareCores();
    if (scope.queued > 0) scope.dispatch();
  }

  #shareCores(): void {
    for (const scope of [...this.#scopes]) {
      if (scope.queued === 0 || !this.cores.hasRoom(this.clock.monotonic())) continue;
      this.#scopes.delete(scope);
      this.#scopes.add(scope);
      scope.dispatch();
    }
  }

  /** Resolves when every request that was taken on has its outcome. */
  async settled(): Promise<void> {
    while (this.#active > 0) await this.#allSettled.promise;
  }

  /** Stops everything, at once and without grace: what waits never starts, what runs is killed. */
  async close(why: string): Promise<void> {
    for (const scope of this.#scopes) scope.close();
    for (const lane of this.cores.lanes) {
      for (const request of lane.runs) this.#order(request, why);
      this.kill(lane);
    }
    for (const scope of this.#scopes) {
      for (const request of scope.clear()) this.#settleUnstarted(request, why);
    }
    await this.settled();
    await this.desk.settled();
    this.#timer?.cancel();
  }

  onEnded(lane: PoolLane, request: JobRequest, { runMs, figures: more, end }: Ended): void {
    request.hasRun(runMs, more?.cpuMs);
    this.#breaker.wentWell(request.job);
    const plain = { queueMs: request.postedMs - request.queuedMs, runMs, lane: lane.id };
    const figures = more === undefined ? plain : { ...plain, ...more };
    const { stop } = request;
    if (end.kind !== "cancelled") this.settle(request, { ...end, ...figures });
    else this.settle(request, stopped(request, figures, this.#stopOf(stop!, "asked", true)));
  }

  onLost(lane: PoolLane, lost: readonly JobRequest[], end: ThreadEnd): void {
    const fields = { lane: lane.id, job: lost[0]?.job.name, reason: describeEnd(end) };
    this.log.warn("A lane ended by itself and is replaced", fields);
    this.recorder.laneEnded(end.kind === "out-of-memory" ? end.kind : "crashed");
    for (const request of lost) {
      // The platform ends a thread for its heap alone; what else was full, the thread has said.
      if (end.kind === "out-of-memory") this.#settleOutOfMemory(lane, request, "heap");
      else this.#settleCrashed(lane, request, describeEnd(end));
    }
    // Of several that shared the lane, nobody knows which it was.
    if (lost.length === 1 && end.kind === "crashed") this.#countCrash(lost[0]!.job, end.reason);
  }

  #countCrash(job: Job, reason: string): void {
    const asideMs = this.#breaker.crashed(job, reason, this.clock.monotonic());
    if (asideMs === undefined) return;
    const fields = { job: job.name, reason, asideMs };
    this.log.error("A job ends its lanes again and again, and is put aside", fields);
  }

  onMessage(lane: PoolLane, message: FromLane): void {
    switch (message.type) {
      case "ack":
        return this.#acknowledged(lane, message.seq);
      case "out-of-memory":
        return this.#outgrown(lane, message.memory);
      case "heavy":
        return this.#retireHeavy(lane, message.heapMb);
      case "broken":
        return this.log.error("A lane cannot load a job file that could be read before", {
          job: message.index,
          lane: lane.id,
          error: `${message.error.name}: ${message.error.message}`,
        });
      case "print":
        return this.log[message.level]("job printed", {
          job: message.job,
          lane: lane.id,
          text: message.text,
        });
      case "stray":
        return this.#retireStray(lane, message);
      case "progress":
      case "log":
      case "item":
      case "want":
      case "call":
        return this.#hear(lane, message);
    }
  }

  onWaiting(): void {
    for (const scope of this.#scopes) if (scope.queued > 0) scope.dispatch();
  }

  /** A run says something. One whose request is settled is not heard. */
  #hear(lane: PoolLane, message: FromRun): void {
    const request = lane.requestOf(message.seq);
    if (request === undefined || request.place === "settled") return;
    request.talk ??= new RequestTalk(request, lane, this);
    request.talk.hear(message);
  }

  #outgrown(lane: PoolLane, memory: MemoryKind): void {
    this.#outOfMemory.set(lane, memory);
    this.kill(lane, "out-of-memory");
  }

  /** The job that was asked to stop has heard it. */
  #acknowledged(lane: PoolLane, seq: number): void {
    const stop = lane.runs.find((request) => request.seq === seq)?.stop;
    if (stop !== undefined) stop.ackedMs ??= this.clock.monotonic();
  }

  #retireStray(lane: PoolLane, { job, error }: FromLane & { type: "stray" }): void {
    this.log.warn("A job left work behind that failed after its reply; its lane is replaced", {
      job,
      lane: lane.id,
      error: `${error.name}: ${error.message}`,
    });
    this.#retire(lane);
  }

  #retireHeavy(lane: PoolLane, heapMb: number): void {
    const fields = { lane: lane.id, heapMb: Math.round(heapMb) };
    this.log.info("A lane keeps much memory after its jobs, and is replaced", fields);
    this.#retire(lane);
  }

  #retire(lane: PoolLane): void {
    if (!lane.isClosed) this.#scopeOf(lane)?.retire(lane);
  }

  /** Stops a request, for the reason in the order. */
  stop(request: JobRequest, order: StopOrder): void {
    const { lane, stop } = request;
    if (request.place === "sharing") {
      request.shared!.stopFor(request, order);
    } else if (request.place === "queued") {
      request.flow!.backlog.remove(request);
      this.#settleUnstarted(request, order.why);
    } else if (request.place === "posted" && lane !== undefined && stop === undefined) {
      if (lane.withdraw(request)) return this.#settleUnstarted(request, order.why);
      request.stop = order;
      lane.ask(request);
      if (request.graceMs <= 0) this.kill(lane);
      else this.wakeAt(order.atMs + request.graceMs);
    }
  }

  #order(request: JobRequest, why: string): void {
    request.stop ??= { cause: "cancel", why, atMs: this.clock.monotonic() };
  }

  /** Kills a lane and answers the job that ran there, once the lane is seen dead. */
  kill(lane: PoolLane, why: LaneEnd = "killed"): void {
    if (lane.isClosed) return;
    this.recorder.laneEnded(why);
    void this.#kill(lane);
  }

  async #kill(lane: PoolLane): Promise<void> {
    this.kills++;
    const scope = this.#scopeOf(lane);
    const report = await (scope?.kill(lane) ?? lane.kill());
    if (!report.verified) this.stuck.add(lane, scope, report);
    for (const request of lane.close()) this.#settleKilled(lane, request, report);
  }

  #scopeOf(lane: PoolLane): Scope | undefined {
    for (const scope of this.#scopes) if (scope.lanes.has(lane)) return scope;
    return undefined;
  }

  #settleUnstarted(request: JobRequest, why: string): void {
    const queueMs = this.clock.monotonic() - request.queuedMs;
    const stop: Stop = { how: "never-started", why, ms: 0, verified: true };
    this.settle(request, { kind: "cancelled", stop, queueMs, runMs: 0, lane: 0 });
  }

  #settleKilled(lane: PoolLane, request: JobRequest, { verified }: KillReport): void {
    const memory = this.#outOfMemory.get(lane);
    if (memory !== undefined) return this.#settleOutOfMemory(lane, request, memory);
    if (request.stop === undefined) {
      const other = request.job.share < 1 ? ", perhaps to stop another run that shared it" : "";
      return this.#settleCrashed(lane, request, `its lane was killed${other}`);
    }
    const stop = this.#stopOf(request.stop, "killed", verified);
    this.settle(request, stopped(request, this.#figures(lane, request), stop));
  }

  #settleOutOfMemory(lane: PoolLane, request: JobRequest, memory: MemoryKind): void {
    const memoryMb = this.#memoryOf(request);
    const figures = this.#figures(lane, request);
    this.settle(request, { kind: "out-of-memory", memory, memoryMb, ...figures });
  }

  #settleCrashed(lane: PoolLane, request: JobRequest, reason: string): void {
    this.settle(request, { kind: "crashed", reason, ...this.#figures(lane, request) });
  }

  #memoryOf({ job }: JobRequest): number {
    return typeof job.scope === "string" ? 0 : job.scope.spec.memoryMb;
  }

  #figures(lane: PoolLane, request: JobRequest) {
    const runMs = this.clock.monotonic() - lane.startOf(request);
    request.hasRun(runMs);
    return { queueMs: request.postedMs - request.queuedMs, runMs, lane: lane.id };
  }

  #stopOf({ why, atMs, ackedMs }: StopOrder, how: Stop["how"], verified: boolean): Stop {
    const stop: Stop = { how, why, ms: this.clock.monotonic() - atMs, verified };
    return ackedMs === undefined ? stop : { ...stop, ackMs: ackedMs - atMs };
  }

  /** Gives a request its one outcome. A later one is not heard. */
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
      this.log.error("Cannot hand over the outcome of a job", { job: request.job.name, error });
    }
    // Of a shared run each sharer is counted, and has its outcome by now.
    if (request.shared === request || --this.#active > 0) return;
    this.#allSettled.resolve();
    this.#allSettled = Promise.withResolvers();
  }

  /** One timer for all that can fall due: deadlines, graces, and the relief of short jobs. */
  #armFor(request: JobRequest, nowMs: number): void {
    const mayWait = request.place === "queued" || (request.lane?.behind ?? 0) > 0;
    this.wakeAt(nowMs + (mayWait ? RELIEF_MS : Math.min(request.deadlineMs, LOOK_MS)));
  }

  /** Has everything looked at then, or before. */
  wakeAt(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    this.#timer = this.clock.setTimer(dueMs - this.clock.monotonic(), () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    this.#dueMs = Infinity;
    const nowMs = this.clock.monotonic();
    for (const lane of this.cores.lanes) {
      for (const request of lane.runs) this.#enforceLimits(lane, request, nowMs);
    }
    this.cores.isContended = this.#waitingScopes > 1;
    for (const scope of this.#scopes) {
      scope.relieve(nowMs);
      scope.trim(nowMs);
    }
    this.#guardMemory(nowMs);
    this.wakeAt(this.#nextDueMs(nowMs));
  }

  /** Not at every tick: what grew since the last look must be worth comparing. */
  #guardMemory(nowMs: number): void {
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_MS;
    this.#guard.look(this.#scopes, nowMs);
  }

  #enforceLimits(lane: PoolLane, request: JobRequest, nowMs: number): void {
    if (nowMs < dueMs(lane, request)) return;
    if (request.stop !== undefined) this.kill(lane);
    // Its deadline counts from its start, which cannot have been before now.
    else if (!lane.hasBegun(request)) lane.beginsLate(request, nowMs);
    else {
      const order: StopOrder = { cause: "deadline", why: whyLate(request), atMs: nowMs };
      if (!request.shared?.outlives(nowMs - lane.startOf(request), order)) {
        this.stop(request, order);
      }
    }
  }

  get #waitingScopes(): number {
    let count = 0;
    for (const { queued } of this.#scopes) if (queued > 0) count++;
    return count;
  }

  #nextDueMs(nowMs: number): number {
    let due = Infinity;
    for (const lane of this.cores.lanes) {
      const { running, outstanding, behind } = lane;
      if (running !== undefined) due = Math.min(due, this.#nextLookMs);
      for (const request of lane.runs) due = Math.min(due, dueMs(lane, request));
      // Also while the lane has yet to go past jobs that were taken back: one behind them may run.
      if (behind > 0 || (outstanding > 0 && running === undefined)) {
        due = Math.min(due, nowMs + RELIEF_MS);
      }
    }
    for (const scope of this.#scopes) {
      if (scope.queued > 0) due = Math.min(due, nowMs + RELIEF_MS);
      due = Math.min(due, scope.nextTrimMs(nowMs));
    }
    return due;
  }
}

/** When a job that runs must be told something: to stop, or that it is over. */
function dueMs(lane: PoolLane, request: JobRequest): number {
  const { stop, graceMs, deadlineMs } = request;
  return stop === undefined ? lane.startOf(request) + deadlineMs : stop.atMs + graceMs;
}

type Figures = Pick<Outcome, "queueMs" | "runMs" | "lane">;

/** The outcome of a job that was told to stop, and did or was killed. */
function stopped(request: JobRequest, figures: Figures, stop: Stop): Outcome {
  const { deadlineMs } = request;
  if (request.stop?.cause === "deadline") return { kind: "deadline", deadlineMs, stop, ...figures };
  return { kind: stop.how === "killed" ? "killed" : "cancelled", stop, ...figures };
}
