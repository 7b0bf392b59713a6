import { type Backlog, Kind } from "../queue/backlog.ts";
import type { CoreLoans } from "./core_loans.ts";
import type { Cores } from "./cores.ts";
import type { JobRequest } from "../job_request.ts";
import type { LaneKeeper, LaneLimits } from "./lane_keeper.ts";
import type { PoolLane } from "./lane.ts";

/**
 * Up to so much work is posted to a busy lane before another is woken, in milliseconds: to wake a
 * thread takes about as long.
 */
const PACKED_MS = 0.064;

/**
 * A job up to this is tiny, in milliseconds: one lane runs such faster than they are posted, so that
 * another, which has to be woken each time, would take more than it gives.
 */
const TINY_MS = 0.008;

/** Up to so much tiny work is posted to a busy lane before another is woken, in milliseconds. */
const PACKED_TINY_MS = 0.192;

/**
 * Up to so much work is posted ahead to a lane when all are busy, in milliseconds: enough to last
 * while the pool does other things, and little to take back when a job turns out long.
 */
const AHEAD_MS = 1;

/** But so many short jobs at least: the next is there when one ends, and no lane waits for the pool. */
const AHEAD_JOBS = 2;

/**
 * For so long a lane may have work without a break while other scopes wait for a core, in
 * milliseconds; then nothing is posted ahead to it, and its core is free for them.
 */
const SLICE_MS = 2;

/** For so long after a lane was lost a scope that has one only keeps it, in milliseconds. */
const LOSS_MS = 10_000;

/** Chooses the lane of a scope that a request is posted to. */
export class LaneChoice {
  readonly #backlog: Backlog;
  readonly #loans: CoreLoans;
  readonly #keeper: LaneKeeper;
  readonly #lanes: ReadonlySet<PoolLane>;
  readonly #cores: Cores;
  readonly #limits: LaneLimits;

  /** `backlog` is what waits for these lanes, and `loans` what of it has a core lent. */
  constructor(
    backlog: Backlog,
    loans: CoreLoans,
    keeper: LaneKeeper,
    cores: Cores,
    limits: LaneLimits,
  ) {
    this.#backlog = backlog;
    this.#loans = loans;
    this.#keeper = keeper;
    this.#lanes = keeper.lanes;
    this.#cores = cores;
    this.#limits = limits;
  }

  /** The lane that a request may be posted to now, by the kind of work that it was judged to be. */
  laneFor(request: JobRequest, nowMs: number): PoolLane | undefined {
    switch (request.kind) {
      case Kind.SHORT:
        return this.#laneForShort(request, nowMs);
      case Kind.FRESH:
        return this.#laneForFresh(request, nowMs);
      case Kind.LONG:
        return this.#laneForLong(request, nowMs);
      default:
        return this.#laneForShared(request);
    }
  }

  /**
   * A busy lane, where another need not be woken; an idle one; or the one that is least busy. All in
   * one look, for most requests of a full pool come here.
   */
  #laneForShort(request: JobRequest, nowMs: number): PoolLane | undefined {
    const packedMs = request.costMs <= TINY_MS ? PACKED_TINY_MS : PACKED_MS;
    let idle: PoolLane | undefined;
    let busy: PoolLane | undefined;
    for (const lane of this.#lanes) {
      const aheadMs = lane.aheadMs + request.costMs;
      if (lane.outstanding === 0) idle = better(idle, lane, request);
      else if (!this.#takesAhead(lane, nowMs)) continue;
      else if (aheadMs <= packedMs) return lane;
      else if (aheadMs <= AHEAD_MS || lane.outstanding < AHEAD_JOBS) busy = lessBusy(busy, lane);
    }
    return idle !== undefined && this.#cores.hasRoomForShort(nowMs) ? idle : busy;
  }

  /**
   * An idle lane; but none that long work waits for to which a core is lent: else new work that turns
   * out long, and goes on coming, would keep that waiting for ever.
   */
  #laneForFresh(request: JobRequest, nowMs: number): PoolLane | undefined {
    if (!this.#cores.hasRoom(nowMs)) return undefined;
    if (this.#loans.isOverdue(nowMs) && this.#backlog.next(Kind.LONG) !== undefined) {
      return undefined;
    }
    return this.laneToHold(request, nowMs);
  }

  #laneForLong(request: JobRequest, nowMs: number): PoolLane | undefined {
    return this.#cores.hasRoomForLong(nowMs) ? this.laneToHold(request, nowMs) : undefined;
  }

  /**
   * An idle lane for what may hold it for long, or take it along when it is killed. But one lane is
   * left to what is known to be short: else that would wait for one to start, half a second each time.
   */
  laneToHold(request: JobRequest, nowMs: number): PoolLane | undefined {
    let idle: PoolLane | undefined;
    let free = 0;
    let waiting = 0;
    for (const lane of this.#lanes) {
      if (lane.isWaiting && lane.running!.submitter.isOneWith(request.submitter)) waiting++;
      if (lane.isRetiring) continue;
      if (lane.outstanding === 0) idle = better(idle, lane, request);
      if (lane.outstanding === 0 || isQuick(lane, nowMs)) free++;
    }
    if (waiting >= this.#mostWaiting) return undefined;
    return free > 1 || !this.#keepsOne(nowMs) ? idle : undefined;
  }

  /**
   * How many lanes the jobs of one submitter may hold that wait for it, and need no core: they leave
   * the others a lane for each core, beside the one for what is short.
   */
  get #mostWaiting(): number {
    const { max } = this.#limits;
    return this.#hasFew ? max : Math.max(max - this.#cores.total - 1, 1);
  }

  /** Whether so few lanes are allowed that one job that waits would keep all others waiting. */
  get #hasFew(): boolean {
    const { spares, max } = this.#limits;
    return spares === 0 || max <= this.#cores.total + 1;
  }

  /**
   * Whether one lane is kept: while every core has a long job, and always where there are spares, for
   * others may be held by what waits, or be starting in the place of those that were killed. A scope
   * that was not used for long has one lane only, and gives it; and where so few are allowed that one
   * job that waits would keep all others waiting, none is kept.
   */
  #keepsOne(nowMs: number): boolean {
    if (!this.#cores.hasRoomForLong(nowMs)) return true;
    if (this.#hasFew) return false;
    return this.#lanes.size > 1 || nowMs - this.#keeper.lostMs < LOSS_MS;
  }

  /**
   * A lane that others of its kind share already; or an idle one, but never the last, for they may
   * hold it as long as they please. It needs no core, for it waits.
   */
  #laneForShared(request: JobRequest): PoolLane | undefined {
    for (const lane of this.#lanes) if (lane.hasShare(request.job.share)) return lane;
    const mayHave = this.#idleLanes > 1 || this.#limits.max === 1;
    return mayHave ? this.#idleLane(request) : undefined;
  }

  #idleLane(request: JobRequest): PoolLane | undefined {
    let idle: PoolLane | undefined;
    for (const lane of this.#lanes) {
      if (lane.outstanding === 0) idle = better(idle, lane, request);
    }
    return idle;
  }

  get #idleLanes(): number {
    let count = 0;
    for (const lane of this.#lanes) if (lane.outstanding === 0 && !lane.isRetiring) count++;
    return count;
  }

  /**
   * Whether more may be posted to a busy lane: what runs there is known to be short, and no other
   * scope needs its core.
   */
  #takesAhead(lane: PoolLane, nowMs: number): boolean {
    if (!lane.takesAhead || !isQuick(lane, nowMs)) return false;
    return !this.#cores.isContended || nowMs - lane.busySinceMs <= SLICE_MS;
  }
}

/** Whether a lane will soon be done: what runs there is known to be short, and is not late. */
function isQuick(lane: PoolLane, nowMs: number): boolean {
  return lane.running?.kind === Kind.SHORT && !lane.isLate(nowMs);
}

/** Of two idle lanes the first, unless the second has run this job last: its code is hot there. */
function better(
  first: PoolLane | undefined,
  second: PoolLane,
  { job }: JobRequest,
): PoolLane | undefined {
  if (second.isRetiring) return first;
  return first === undefined || first.lastJob !== job && second.lastJob === job ? second : first;
}

/** Of two busy lanes the one with less work, so that none is left with a long tail. */
function lessBusy(first: PoolLane | undefined, second: PoolLane): PoolLane {
  return first === undefined || second.aheadMs < first.aheadMs ? second : first;
}
