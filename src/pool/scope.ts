import type { Clock, KillReport, Log, ScopeSpec, ThreadEnd, Warden } from "../env/mod.ts";
import { Backlog } from "./queue/backlog.ts";
import { CoreLoans } from "./lanes/core_loans.ts";
import type { Cores } from "./lanes/cores.ts";
import type { JobRequest } from "./job_request.ts";
import type { LaneEvents, PoolLane } from "./lanes/lane.ts";
import { LaneChoice } from "./lanes/lane_choice.ts";
import { LaneKeeper, type LaneLimits } from "./lanes/lane_keeper.ts";
import type { JobCode } from "./link/mod.ts";
import type { LaneEnd } from "./stats/stats.ts";
import { Turns } from "./turns.ts";

/** What a scope needs of the pool that it is part of. */
export interface ScopeOwner extends Omit<LaneEvents, "onRoom"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: Cores;
  /** A lane has ended; `lost` are the jobs that died with it. */
  onLost(lane: PoolLane, lost: readonly JobRequest[], end: ThreadEnd): void;
  /** A lane is to end: the reason is for the stats, `killed` if none is given. */
  kill(lane: PoolLane, why?: LaneEnd): void;
  /** A lane has ended while it loaded a job. Returns for how long that is put aside, if it is. */
  onLoadFailed(index: number, reason: string): number | undefined;
  /** A request cannot be posted, for its input cannot be sent. */
  onUnsendable(request: JobRequest, error: unknown): void;
  /** There is room in a lane, and perhaps a core is free. */
  onRoom(scope: Scope): void;
  /** The scope is to be trimmed then. */
  wakeAt(dueMs: number): void;
  /** A request has waited as long as it may, and was taken out. */
  onExpired(request: JobRequest): void;
}

/** The lanes of one permission set, and the requests that wait for them. */
export class Scope {
  /** The requests that wait. */
  readonly backlog: Backlog = new Backlog();

  readonly #owner: ScopeOwner;
  readonly #keeper: LaneKeeper;
  readonly #loans: CoreLoans;
  readonly #turns: Turns;
  #arrivals = 0;
  #isClosed = false;

  constructor(warden: Warden, owner: ScopeOwner, limits: LaneLimits) {
    this.#owner = owner;
    this.#keeper = new LaneKeeper(warden, {
      clock: owner.clock,
      log: owner.log,
      cores: owner.cores,
      onEnded: (lane, request, ended) => owner.onEnded(lane, request, ended),
      onMessage: (lane, message) => owner.onMessage(lane, message),
      onRoom: (lane) => this.#onRoom(lane),
      onReady: (lane) => this.#onReady(lane),
      onLoadFailed: (index, reason) => owner.onLoadFailed(index, reason),
      onRetiring: (lane) => this.#requeue(lane.withdrawAll()),
      kill: (lane, why) => owner.kill(lane, why),
    }, limits);
    this.#loans = new CoreLoans(this.backlog, owner.cores);
    const choice = new LaneChoice(this.backlog, this.#loans, this.#keeper, owner.cores, limits);
    this.#turns = new Turns(
      { lanes: this.lanes, onUnsendable: (request, error) => owner.onUnsendable(request, error) },
      this.backlog,
      choice,
      this.#loans,
    );
  }

  /** What its lanes may do. */
  get spec(): ScopeSpec {
    return this.#keeper.spec;
  }

  /** How many requests wait. */
  get queued(): number {
    return this.backlog.length;
  }

  get lanes(): ReadonlySet<PoolLane> {
    return this.#keeper.lanes;
  }

  /** How many lanes are being started. */
  get starting(): number {
    return this.#keeper.starting;
  }

  /** Says what its lanes load. Until then those that are started wait for it. */
  setCode(code: JobCode): void {
    this.#keeper.setCode(code);
  }

  /**
   * Has new lanes load this code; when they are ready, those it had finish what runs there, and what
   * waits goes to the new ones. Resolves to false, and all is as it was, where no lane could load it.
   */
  async renew(code: JobCode): Promise<boolean> {
    const isUp = await this.#keeper.renew(code);
    this.dispatch();
    return isUp;
  }

  /**
   * Starts the lanes to be kept. Resolves when all that could be started are ready, or with the first
   * of them.
   */
  warmUp(waitFor?: "all" | "first"): Promise<void> {
    return this.#keeper.warmUp(waitFor);
  }

  /** Starts a request if it can, and queues it if it cannot. */
  enqueue(request: JobRequest): void {
    request.arrival = ++this.#arrivals;
    this.#keeper.used(request.queuedMs);
    const isFirst = this.queued === 0;
    if (isFirst && !this.#isClosed && this.#turns.startAtOnce(request)) return;
    this.#queue(request);
    // Behind others of its flow it cannot start before them, nor alone where it just could not.
    if (isFirst) this.#grow(request.queuedMs);
    else if (request.flow!.first === request) this.dispatch();
  }

  /** Takes all requests out of the queue. */
  clear(): JobRequest[] {
    return this.backlog.clear();
  }

  /** Starts what can be started, each in its turn. */
  dispatch(): void {
    if (this.#isClosed) return;
    const nowMs = this.#owner.clock.monotonic();
    this.#turns.startAll(nowMs);
    this.#grow(nowMs);
  }

  /**
   * Takes back what waits behind a job that runs long, so that another lane can have it, refuses what
   * has waited too long, and starts long work to which a core is lent.
   */
  relieve(nowMs: number): void {
    for (const lane of this.lanes) {
      if (lane.outstanding === 0 || !lane.isLate(nowMs)) continue;
      if (lane.isLong(nowMs)) this.#learnSoFar(lane, nowMs);
      if (lane.behind > 0) this.#requeue(lane.withdrawAll());
    }
    for (const request of this.backlog.takeExpired(nowMs)) this.#owner.onExpired(request);
    if (this.queued === 0) return;
    this.#turns.startLent(nowMs);
    this.dispatch();
  }

  /**
   * Kills a lane. What had not been started there is moved, and a spare takes its place at once; a
   * new spare is started.
   */
  kill(lane: PoolLane): Promise<KillReport> {
    this.#keeper.forget(lane);
    this.#requeue(lane.withdrawAll()); // before the kill: what runs may end, and the next begin
    const report = lane.kill();
    this.#keeper.replace();
    this.dispatch();
    return report;
  }

  /** Has a job that runs stop. What waits behind it is moved: its lane may have to be killed. */
  ask(lane: PoolLane, request: JobRequest): void {
    lane.ask(request);
    this.#requeue(lane.withdrawAll());
    this.dispatch();
  }

  /** Lets a lane finish what runs there, and then replaces it. */
  retire(lane: PoolLane): void {
    this.#keeper.retire(lane);
    this.dispatch();
  }

  /** Replaces a lane, which goes on until another is there to take its place. */
  replaceLater(lane: PoolLane): void {
    this.#keeper.replaceLater(lane);
  }

  /** Has another warden start its lanes from now on. Those it has finish what runs there. */
  moveTo(warden: Warden): void {
    this.#keeper.moveTo(warden);
  }

  /** Replaces the lanes that are worn, and gives back those that have been idle for long. */
  trim(nowMs: number): void {
    this.#keeper.trim(nowMs);
  }

  /** When lanes are to be trimmed next. */
  nextTrimMs(nowMs: number): number {
    return this.#keeper.nextTrimMs(nowMs);
  }

  /** Starts no more lanes. Those that run are killed by their warden. */
  close(): void {
    this.#isClosed = true;
    this.#keeper.close();
  }

  #queue(request: JobRequest): void {
    request.place = "queued";
    request.expiresMs = request.queuedMs + request.maxQueueMs;
    this.backlog.push(request);
  }

  #requeue(requests: readonly JobRequest[]): void {
    for (const request of requests) {
      request.place = "queued";
      request.expiresMs = request.queuedMs + request.maxQueueMs;
      this.backlog.restore(request);
    }
  }

  /** A job that is seen to run long says so of those like it, before it has ended. */
  #learnSoFar(lane: PoolLane, nowMs: number): void {
    const { running } = lane;
    if (running === undefined || running.isLong) return;
    running.isLong = true;
    this.backlog.learnSoFar(running, nowMs - lane.startedMs);
  }

  #grow(nowMs: number): void {
    if (this.queued === 0) return;
    const { flows, hopeful } = this.backlog;
    const hasRoom = this.#owner.cores.hasRoomForLong(nowMs);
    this.#keeper.grow(hasRoom ? flows : hopeful + this.#loans.unmet, nowMs);
  }

  #onReady(lane: PoolLane): void {
    void lane.ended.then((end) => this.#hasEnded(lane, end));
    this.#owner.wakeAt(this.nextTrimMs(lane.bornMs));
    this.dispatch();
  }

  /** A lane has died by itself. One that was killed has been forgotten before. */
  #hasEnded(lane: PoolLane, end: ThreadEnd): void {
    if (!this.lanes.has(lane)) return;
    this.#keeper.forget(lane);
    this.#requeue(lane.withdrawAll());
    const lost = lane.close();
    if (lost.length === 1) this.backlog.learnHarm(lost[0]!.job.index);
    this.#owner.onLost(lane, lost, end);
    this.#keeper.replace();
    this.dispatch();
  }

  #onRoom(lane: PoolLane): void {
    this.#keeper.endIfRetired(lane);
    this.#keeper.renewIfWorn(lane, lane.startedMs);
    this.#owner.onRoom(this);
  }
}
