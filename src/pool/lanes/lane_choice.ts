import { type Backlog, Kind } from "../queue/backlog.ts";
import type { Cores } from "./cores.ts";
import type { JobRequest } from "../job_request.ts";
import type { PoolLane } from "./lane.ts";

/**
 * Up to so much work is posted to a busy lane before another is woken, in milliseconds: to wake a
 * thread takes about as long.
 */
const PACKED_MS = 0.064;

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

/**
 * Long work that has waited for so long has the next core for itself: else new work that turns out
 * long, and goes on coming, would keep it waiting for ever. In milliseconds.
 */
const PATIENCE_MS = 1_000;

/** Chooses the lane of a scope that a request is posted to. */
export class LaneChoice {
  readonly #backlog: Backlog;
  readonly #lanes: ReadonlySet<PoolLane>;
  readonly #cores: Cores;
  readonly #maxLanes: number;

  /** `backlog` is what waits for these lanes. */
  constructor(
    backlog: Backlog,
    lanes: ReadonlySet<PoolLane>,
    cores: Cores,
    maxLanes: number,
  ) {
    this.#backlog = backlog;
    this.#lanes = lanes;
    this.#cores = cores;
    this.#maxLanes = maxLanes;
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
    let idle: PoolLane | undefined;
    let busy: PoolLane | undefined;
    for (const lane of this.#lanes) {
      const aheadMs = lane.aheadMs + request.costMs;
      if (lane.outstanding === 0) idle = better(idle, lane, request);
      else if (!this.#takesAhead(lane, nowMs)) continue;
      else if (aheadMs <= PACKED_MS) return lane;
      else if (aheadMs <= AHEAD_MS || lane.outstanding < AHEAD_JOBS) busy = lessBusy(busy, lane);
    }
    return idle !== undefined && this.#cores.hasRoom(nowMs) ? idle : busy;
  }

  /**
   * An idle lane; but once every core has a long job, never the last: it is kept for what is known
   * to be short, for this may be one more that is long. Nor any, while long work has lost patience.
   */
  #laneForFresh(request: JobRequest, nowMs: number): PoolLane | undefined {
    if (!this.#cores.hasRoom(nowMs)) return undefined;
    if (!this.#cores.hasRoomForLong(nowMs)) {
      if (this.#idleLanes < 2 || this.#hasImpatient(nowMs)) return undefined;
    }
    return this.#idleLane(request);
  }

  #hasImpatient(nowMs: number): boolean {
    const long = this.#backlog.next(Kind.LONG);
    return long !== undefined && nowMs - long.queuedMs > PATIENCE_MS;
  }

  #laneForLong(request: JobRequest, nowMs: number): PoolLane | undefined {
    return this.#cores.hasRoomForLong(nowMs) ? this.#idleLane(request) : undefined;
  }

  /**
   * A lane that others of its kind share already; or an idle one, but never the last, for they may
   * hold it as long as they please. It needs no core, for it waits.
   */
  #laneForShared(request: JobRequest): PoolLane | undefined {
    for (const lane of this.#lanes) if (lane.hasShare(request.job.share)) return lane;
    const mayHave = this.#idleLanes > 1 || this.#maxLanes === 1;
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

  /** Whether more may be posted to a busy lane: it makes progress, and no other scope needs its core. */
  #takesAhead(lane: PoolLane, nowMs: number): boolean {
    if (!lane.takesAhead || lane.isLate(nowMs)) return false;
    return !this.#cores.isContended || nowMs - lane.busySinceMs <= SLICE_MS;
  }
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
