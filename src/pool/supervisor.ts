import type { Clock, Env, Log, ThreadEnd } from "../env/mod.ts";
import type { Job } from "./jobs/catalogue.ts";
import { Breaker } from "./jobs/breaker.ts";
import type { JobRequest, StopOrder } from "./job_request.ts";
import type { Cores } from "./lanes/cores.ts";
import type { PoolLane } from "./lanes/lane.ts";
import type { Ended } from "./lanes/lane_link.ts";
import { describeEnd } from "./lanes/lane_starter.ts";
import type { StuckLanes } from "./lanes/stuck_lanes.ts";
import type { FromLane, FromRun, MemoryKind } from "./link/mod.ts";
import { Outcomes } from "./outcomes.ts";
import { Rounds, type RoundsOwner } from "./rounds.ts";
import type { Scope, ScopeOwner } from "./scope.ts";
import type { LaneEnd } from "./stats/stats.ts";
import type { CallDesk } from "./talk/call_desk.ts";
import { RequestTalk, type TalkOwner } from "./talk/request_talk.ts";

/**
 * Stops what is to stop: it asks jobs, kills lanes that do not heed it, and tells what became of the
 * jobs of those that died. Between its scopes it shares the cores.
 */
export class Supervisor implements ScopeOwner, TalkOwner, RoundsOwner {
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: Cores;
  readonly stuck: StuckLanes;
  readonly desk: CallDesk;
  readonly outcomes: Outcomes;
  kills = 0;

  /** The jobs that there are now. */
  jobs: ReadonlyMap<string, Job> = new Map();

  /** Whether no more requests are to be taken on. */
  isDraining = false;

  readonly #rounds: Rounds;
  readonly #scopes = new Set<Scope>();
  readonly #breaker = new Breaker();
  /** For jobs that end lanes as these load them. */
  readonly #loadBreaker = new Breaker();
  readonly #outOfMemory = new WeakMap<PoolLane, MemoryKind>();

  constructor(
    env: Pick<Env, "clock" | "log" | "threads">,
    cores: Cores,
    stuck: StuckLanes,
    desk: CallDesk,
  ) {
    this.clock = env.clock;
    this.log = env.log;
    this.cores = cores;
    this.stuck = stuck;
    this.desk = desk;
    this.outcomes = new Outcomes(env);
    this.#rounds = new Rounds(env, this);
  }

  get scopes(): ReadonlySet<Scope> {
    return this.#scopes;
  }

  add(scope: Scope): void {
    this.#scopes.add(scope);
  }

  /** Whether several scopes wait for a core. */
  get isContended(): boolean {
    return this.#waitingScopes > 1;
  }

  /** Takes a request on: from here it has one outcome, whatever happens. */
  enqueue(request: JobRequest, scope: Scope): void {
    const nowMs = request.queuedMs || this.clock.monotonic();
    request.queuedMs = nowMs;
    this.outcomes.expect();
    scope.enqueue(request);
    if (request.place === "queued") this.cores.isContended = this.isContended;
    this.#rounds.armFor(request, nowMs);
  }

  /** Takes a request on that is not queued: it shares a run that has begun. */
  adopt(request: JobRequest): void {
    const nowMs = this.clock.monotonic();
    request.queuedMs = nowMs;
    this.outcomes.expect();
    this.wakeAt(nowMs + request.deadlineMs);
  }

  /** Why a job is not run for now, in words: it ended its lanes again and again. */
  asideReason({ job }: JobRequest): string | undefined {
    if (this.#breaker.isEmpty && this.#loadBreaker.isEmpty) return undefined;
    const nowMs = this.clock.monotonic();
    return this.#breaker.refusal(job, nowMs) ?? this.#loadBreaker.refusal(job, nowMs);
  }

  onUnsendable(request: JobRequest, error: unknown): void {
    this.outcomes.unsendable(request, error);
  }

  onExpired(request: JobRequest): void {
    this.outcomes.expired(request);
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

  /** Resolves when every request has its outcome; no more are taken on. */
  async drain(): Promise<void> {
    this.isDraining = true;
    await this.outcomes.settled();
  }

  /** Stops everything, at once and without grace: what waits never starts, what runs is killed. */
  async close(): Promise<void> {
    const why = "the pool was closed";
    this.isDraining = true;
    for (const scope of this.#scopes) scope.close();
    for (const lane of this.cores.lanes) {
      for (const request of lane.runs) this.#order(request, why);
      this.kill(lane);
    }
    for (const scope of this.#scopes) {
      for (const request of scope.clear()) this.outcomes.unstarted(request, why);
    }
    await this.outcomes.settled();
    await this.desk.settled();
    this.#rounds.close();
  }

  onEnded(lane: PoolLane, request: JobRequest, ended: Ended): void {
    if (ended.end.kind !== "aside") this.#breaker.wentWell(request.job);
    this.outcomes.ended(lane, request, ended);
  }

  onLost(lane: PoolLane, lost: readonly JobRequest[], end: ThreadEnd): void {
    const fields = { lane: lane.id, job: lost[0]?.job.name, reason: describeEnd(end) };
    this.log.warn("A lane ended by itself and is replaced", fields);
    this.outcomes.recorder.laneEnded(end.kind === "out-of-memory" ? end.kind : "crashed");
    for (const request of lost) {
      // The platform ends a thread for its heap alone; what else was full, the thread has said.
      if (end.kind === "out-of-memory") this.outcomes.outOfMemory(lane, request, "heap");
      else this.outcomes.crashed(lane, request, describeEnd(end));
    }
    // Of several that shared the lane, nobody knows which it was.
    if (lost.length !== 1 || end.kind !== "crashed") return;
    this.#countCrash(this.#breaker, lost[0]!.job, end.reason);
  }

  onLoadFailed(index: number, reason: string): number | undefined {
    const job = this.#jobAt(index);
    return job && this.#countCrash(this.#loadBreaker, job, reason);
  }

  #hasLoaded(index: number): void {
    const job = this.#loadBreaker.isEmpty ? undefined : this.#jobAt(index);
    if (job !== undefined) this.#loadBreaker.wentWell(job);
  }

  #jobAt(index: number): Job | undefined {
    return this.jobs.values().find((job) => job.index === index);
  }

  #countCrash(breaker: Breaker, job: Job, reason: string): number | undefined {
    const asideMs = breaker.crashed(job, reason, this.clock.monotonic());
    if (asideMs === undefined) return undefined;
    const fields = { job: job.name, reason, asideMs };
    this.log.error("A job ends its lanes again and again, and is put aside", fields);
    return asideMs;
  }

  onMessage(lane: PoolLane, message: FromLane): void {
    switch (message.type) {
      case "ack":
        return this.#acknowledged(lane, message.seq);
      case "out-of-memory":
        return this.onOutgrown(lane, message.memory);
      case "heavy":
        return this.#retireHeavy(lane, message.heapMb);
      case "loaded":
        return this.#hasLoaded(message.index);
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

  /** A lane has more memory than it may. */
  onOutgrown(lane: PoolLane, memory: MemoryKind): void {
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
    // Whose work it was is not known for sure, so no job is held to account, and no lane goes missing.
    if (!lane.isClosed) this.#scopeOf(lane)?.replaceLater(lane);
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
      this.outcomes.unstarted(request, order.why);
    } else if (request.place === "posted" && lane !== undefined && stop === undefined) {
      if (lane.withdraw(request)) return this.outcomes.unstarted(request, order.why);
      request.stop = order;
      this.#scopeOf(lane)?.ask(lane, request);
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
    this.outcomes.recorder.laneEnded(why);
    void this.#kill(lane);
  }

  async #kill(lane: PoolLane): Promise<void> {
    this.kills++;
    const scope = this.#scopeOf(lane);
    const report = await (scope?.kill(lane) ?? lane.kill());
    if (!report.verified) this.stuck.add(lane, scope, report);
    const memory = this.#outOfMemory.get(lane);
    for (const request of lane.close()) {
      if (memory === undefined) this.outcomes.killed(lane, request, report);
      else this.outcomes.outOfMemory(lane, request, memory);
    }
  }

  #scopeOf(lane: PoolLane): Scope | undefined {
    for (const scope of this.#scopes) if (scope.lanes.has(lane)) return scope;
    return undefined;
  }

  /** Has everything looked at then, or before. */
  wakeAt(dueMs: number): void {
    this.#rounds.wakeAt(dueMs);
  }

  get #waitingScopes(): number {
    let count = 0;
    for (const { queued } of this.#scopes) if (queued > 0) count++;
    return count;
  }
}
