import type { Clock, KillReport, Log, ScopeSpec, ThreadEnd, Warden } from "../env/mod.ts";
import { Backlog, Kind } from "./backlog.ts";
import type { Cores } from "./cores.ts";
import type { JobRequest } from "./job_request.ts";
import type { LaneEvents, PoolLane } from "./lane.ts";
import { LaneStarter } from "./lane_starter.ts";
import type { JobFile } from "./link/mod.ts";
import type { LaneEnd } from "./stats.ts";

/** What a scope needs of the pool that it is part of. */
export interface ScopeOwner extends Omit<LaneEvents, "onRoom"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: Cores;
  /** A lane has ended; `lost` are the jobs that died with it. */
  onLost(lane: PoolLane, lost: readonly JobRequest[], end: ThreadEnd): void;
  /** A lane is to end: the reason is for the stats, `killed` if none is given. */
  kill(lane: PoolLane, why?: LaneEnd): void;
  /** A request cannot be posted, for its input cannot be sent. */
  onUnsendable(request: JobRequest, error: unknown): void;
  /** A request has waited as long as it may, and was taken out. */
  onExpired(request: JobRequest): void;
}

/** How many lanes a scope keeps. */
export interface LaneCounts {
  /** Kept ready all the time. */
  readonly warm: number;
  /** At most, when long jobs hold the warm ones. */
  readonly max: number;
}

/**
 * Up to so much work is posted to a busy lane before another is woken, in milliseconds: to wake a
 * thread takes about as long.
 */
const PACKED_MS = 0.064;

/**
 * Up to so much work is posted ahead to a lane when all are busy, in milliseconds: enough to last
 * while the pool does other things, and little to take back when a job turns out long.
 */
const AHEAD_MS = 0.256;

/** But so many short jobs at least: the next is there when one ends, and no lane waits for the pool. */
const AHEAD_JOBS = 2;

/** How long a lane beyond the warm ones may be idle before it is given back, in milliseconds. */
export const IDLE_MS = 10_000;

/** The lanes of one permission set, and the requests that wait for them. */
export class Scope {
  /** The requests that wait. */
  readonly backlog: Backlog = new Backlog();

  readonly #owner: ScopeOwner;
  readonly #counts: LaneCounts;
  readonly #lanes = new Set<PoolLane>();
  readonly #starter: LaneStarter;
  #arrivals = 0;
  /** The kind of work that is looked at first, so that where lanes are few all kinds have their turn. */
  #turn = 0;
  #isClosed = false;
  #isFlushing = false;

  constructor(warden: Warden, owner: ScopeOwner, counts: LaneCounts) {
    this.#owner = owner;
    this.#counts = counts;
    this.#starter = new LaneStarter(warden, {
      clock: owner.clock,
      log: owner.log,
      onEnded: (lane, request, ended) => owner.onEnded(lane, request, ended),
      onMessage: (lane, message) => owner.onMessage(lane, message),
      onRoom: (lane) => this.#onRoom(lane),
      onReady: (lane) => this.#add(lane),
      onOutdated: (lane) => this.#discard(lane),
      kill: (lane) => owner.kill(lane),
      onRetry: () => void this.warmUp(),
    });
  }

  /** What its lanes may do. */
  get spec(): ScopeSpec {
    return this.#starter.warden.spec;
  }

  /** How many requests wait. */
  get queued(): number {
    return this.backlog.length;
  }

  get lanes(): ReadonlySet<PoolLane> {
    return this.#lanes;
  }

  /** How many lanes are being started. */
  get starting(): number {
    return this.#starter.starting;
  }

  /** How many lanes it has beyond the warm ones. */
  get surplus(): number {
    return Math.max(this.#lanes.size - this.#counts.warm, 0);
  }

  /** Says which job files its lanes load. Until then those that are started wait for it. */
  setFiles(files: readonly JobFile[]): void {
    this.#starter.setFiles(files);
  }

  /** Starts the warm lanes. Resolves when all that could be started are ready. */
  async warmUp(): Promise<void> {
    const missing = this.#counts.warm - this.#lanes.size - this.starting;
    await Promise.all(Array.from({ length: Math.max(missing, 0) }, () => this.#starter.start()));
  }

  /** Starts a request if it can, and queues it if it cannot. */
  enqueue(request: JobRequest): void {
    request.arrival = ++this.#arrivals;
    if (this.queued === 0 && this.#startAtOnce(request)) return;
    this.#queue(request);
    this.dispatch();
  }

  /** Takes all requests out of the queue. */
  clear(): JobRequest[] {
    return this.backlog.clear();
  }

  /** Starts what can be started, each in its turn. */
  dispatch(): void {
    if (this.#isClosed) return;
    const nowMs = this.#owner.clock.monotonic();
    while (this.queued > 0 && this.#startNext(nowMs));
    if (this.queued > 0) this.#grow(nowMs);
  }

  /**
   * Takes back what waits behind a job that runs long, so that another lane can have it, and refuses
   * what has waited too long.
   */
  relieve(nowMs: number): void {
    for (const lane of this.#lanes) {
      if (lane.outstanding === 0 || !lane.isLong(nowMs)) continue;
      this.#learnSoFar(lane, nowMs);
      if (lane.behind > 0) this.#requeue(lane.withdrawAll());
    }
    for (const request of this.backlog.takeExpired(nowMs)) this.#owner.onExpired(request);
    if (this.queued > 0) this.dispatch();
  }

  /**
   * Kills a lane. What had not been started there is moved, and a spare takes its place at once; a
   * new spare is started.
   */
  kill(lane: PoolLane): Promise<KillReport> {
    this.#forget(lane);
    const report = lane.kill();
    this.#requeue(lane.withdrawAll());
    this.#replace();
    this.dispatch();
    return report;
  }

  /** Lets a lane finish what runs there, and then replaces it. */
  retire(lane: PoolLane): void {
    lane.isRetiring = true;
    this.#requeue(lane.withdrawAll());
    if (lane.running === undefined) this.#owner.kill(lane, "retired");
    else this.dispatch();
  }

  /** Has another warden start its lanes from now on. Those it has finish what runs there. */
  moveTo(warden: Warden): void {
    this.#starter.warden = warden;
    for (const lane of [...this.#lanes]) this.retire(lane);
    void this.warmUp();
  }

  /** Gives back the lanes beyond the warm ones that have been idle for long. */
  trim(nowMs: number): void {
    for (const lane of this.#lanes) {
      if (this.#lanes.size <= this.#counts.warm) return;
      if (lane.outstanding > 0 || nowMs - lane.startedMs < IDLE_MS) continue;
      this.#owner.kill(lane, "idle");
    }
  }

  /** Starts no more lanes. Those that run are killed by their warden. */
  close(): void {
    this.#isClosed = true;
    this.#starter.close();
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

  /** While nobody waits there are no turns. */
  #startAtOnce(request: JobRequest): boolean {
    if (this.#isClosed) return false;
    const kind = this.backlog.judge(request);
    const lane = this.#laneFor(kind, request, request.queuedMs);
    if (lane !== undefined) this.#post(lane, request, request.queuedMs);
    return lane !== undefined;
  }

  #startNext(nowMs: number): boolean {
    const { moves } = this.backlog;
    for (let i = 0; i < KINDS; i++) {
      const kind = (this.#turn + i) % KINDS;
      if (!this.#startOf(kind, nowMs)) continue;
      this.#turn = kind + 1;
      return true;
    }
    // What was judged anew may now start after all.
    return this.backlog.moves !== moves;
  }

  #startOf(kind: number, nowMs: number): boolean {
    const request = this.backlog.next(kind);
    if (request === undefined) return false;
    const lane = this.#laneFor(kind, request, nowMs);
    if (lane === undefined) return false;
    this.backlog.take(request);
    this.#post(lane, request, nowMs);
    return true;
  }

  #post(lane: PoolLane, request: JobRequest, nowMs: number): void {
    const run = request.shared?.begin(request) ?? request;
    run.isLong = run.kind === Kind.LONG;
    try {
      lane.post(run, nowMs);
    } catch (error) {
      this.#owner.onUnsendable(run, error);
      return;
    }
    this.#flushSoon();
  }

  #laneFor(kind: number, request: JobRequest, nowMs: number): PoolLane | undefined {
    if (kind === Kind.SHORT) return this.#laneForShort(request, nowMs);
    if (kind === Kind.FRESH) return this.#laneForFresh(request, nowMs);
    return kind === Kind.LONG ? this.#laneForLong(request, nowMs) : this.#laneForShared(request);
  }

  /** A busy lane, where another need not be woken; an idle one; or a busy one all the same. */
  #laneForShort(request: JobRequest, nowMs: number): PoolLane | undefined {
    const { costMs } = request;
    if (costMs < PACKED_MS) {
      const packed = this.#busyLane(costMs, PACKED_MS, nowMs);
      if (packed !== undefined) return packed;
    }
    if (this.#owner.cores.hasRoom(nowMs)) {
      const idle = this.#idleLane(request);
      if (idle !== undefined) return idle;
    }
    return this.#busyLane(costMs, AHEAD_MS, nowMs);
  }

  /**
   * An idle lane; but once every core has a long job, never the last: it is kept for what is known
   * to be short, for this may be one more that is long.
   */
  #laneForFresh(request: JobRequest, nowMs: number): PoolLane | undefined {
    const { cores } = this.#owner;
    if (!cores.hasRoom(nowMs)) return undefined;
    if (!cores.hasRoomForLong(nowMs) && this.#idleLanes < 2) return undefined;
    return this.#idleLane(request);
  }

  #laneForLong(request: JobRequest, nowMs: number): PoolLane | undefined {
    return this.#owner.cores.hasRoomForLong(nowMs) ? this.#idleLane(request) : undefined;
  }

  /**
   * A lane that others of its kind share already; or an idle one, but never the last, for they may
   * hold it as long as they please. It needs no core, for it waits.
   */
  #laneForShared(request: JobRequest): PoolLane | undefined {
    for (const lane of this.#lanes) if (lane.hasShare(request.job.share)) return lane;
    const mayHave = this.#idleLanes > 1 || this.#counts.max === 1;
    return mayHave ? this.#idleLane(request) : undefined;
  }

  /** An idle lane, if possible one that has run this job last: its code is hot there. */
  #idleLane({ job }: JobRequest): PoolLane | undefined {
    let idle: PoolLane | undefined;
    for (const lane of this.#lanes) {
      if (lane.outstanding > 0 || lane.isRetiring) continue;
      if (lane.lastJob === job) return lane;
      idle ??= lane;
    }
    return idle;
  }

  get #idleLanes(): number {
    let count = 0;
    for (const lane of this.#lanes) if (lane.outstanding === 0 && !lane.isRetiring) count++;
    return count;
  }

  /** A busy lane that makes progress, and has less work than this with what is added. */
  #busyLane(costMs: number, limitMs: number, nowMs: number): PoolLane | undefined {
    for (const lane of this.#lanes) {
      const { outstanding } = lane;
      if (outstanding === 0 || !lane.takesAhead) continue;
      const hasRoom = lane.aheadMs + costMs <= limitMs ||
        (limitMs === AHEAD_MS && outstanding < AHEAD_JOBS);
      if (hasRoom && !lane.isLong(nowMs)) return lane;
    }
    return undefined;
  }

  /** A job that is seen to run long says so of those like it, before it has ended. */
  #learnSoFar(lane: PoolLane, nowMs: number): void {
    const { running } = lane;
    if (running === undefined || running.isLong) return;
    running.isLong = true;
    this.backlog.learnSoFar(running, nowMs - lane.startedMs);
  }

  /** Wakes the lanes once for all that is posted in this turn. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      for (const lane of this.#lanes) lane.flush();
    });
  }

  /** Starts a lane more when long jobs hold all but the one that is kept, and others wait. */
  #grow(nowMs: number): void {
    if (this.starting >= Math.min(this.backlog.hopeful, this.#owner.cores.total)) return;
    if (this.#lanes.size + this.starting >= this.#counts.max) return;
    let idle = 0;
    for (const lane of this.#lanes) {
      if (lane.outstanding === 0) idle++;
      else if (!lane.isShared && !lane.isLong(nowMs)) return;
    }
    if (idle < 2) void this.#starter.start();
  }

  #replace(): void {
    if (this.#lanes.size + this.starting < this.#counts.warm) void this.#starter.start();
  }

  #add(lane: PoolLane): void {
    lane.startedMs = this.#owner.clock.monotonic();
    this.#lanes.add(lane);
    this.#owner.cores.add(lane);
    void lane.ended.then((end) => this.#hasEnded(lane, end));
    this.dispatch();
  }

  /** The scope has moved while the lane was started. */
  #discard(lane: PoolLane): void {
    this.#owner.kill(lane, "retired");
    this.#replace();
  }

  #forget(lane: PoolLane): void {
    this.#lanes.delete(lane);
    this.#owner.cores.delete(lane);
  }

  /** A lane has died by itself. One that was killed has been forgotten before. */
  #hasEnded(lane: PoolLane, end: ThreadEnd): void {
    if (!this.#lanes.has(lane)) return;
    this.#forget(lane);
    this.#requeue(lane.withdrawAll());
    this.#owner.onLost(lane, lane.close(), end);
    this.#replace();
    this.dispatch();
  }

  #onRoom(lane: PoolLane): void {
    if (lane.isRetiring && lane.running === undefined) this.#owner.kill(lane, "retired");
    else if (this.queued > 0) this.dispatch();
  }
}

const KINDS = Object.keys(Kind).length;
