import type { Clock, Env, Timer } from "../env/mod.ts";
import type { JobRequest, StopOrder } from "./job_request.ts";
import type { Cores } from "./lanes/cores.ts";
import type { PoolLane } from "./lanes/lane.ts";
import { LOOK_MS, MemoryGuard } from "./lanes/memory_guard.ts";
import type { MemoryKind } from "./link/mod.ts";
import { SHORT_MS } from "./queue/run_times.ts";
import { whyLate } from "./reuse/shared_run.ts";
import type { Scope } from "./scope.ts";
import type { LaneEnd } from "./stats/stats.ts";

/** How often a busy pool looks whether a short job waits behind a long one, in milliseconds. */
const RELIEF_MS = SHORT_MS;

/** What is looked at, and who does something about it. */
export interface RoundsOwner {
  readonly cores: Cores;
  readonly scopes: ReadonlySet<Scope>;
  /** Whether several scopes wait for a core. */
  readonly isContended: boolean;
  /** A request is late. */
  stop(request: JobRequest, order: StopOrder): void;
  /** A job was asked to stop, and has not in time. */
  kill(lane: PoolLane, why?: LaneEnd): void;
  /** A lane has more memory than it may. */
  onOutgrown(lane: PoolLane, memory: MemoryKind): void;
}

/**
 * Looks at all that can fall due, with one timer: deadlines, graces, memory, jobs that wait behind
 * long ones, lanes to be given back or replaced.
 */
export class Rounds {
  readonly #clock: Clock;
  readonly #owner: RoundsOwner;
  readonly #guard: MemoryGuard;
  #timer: Timer | undefined;
  #dueMs = Infinity;
  #nextLookMs = 0;
  /** Whether a request had to wait since the last round: the next will have to, too. */
  #hadWaiting = false;

  constructor({ clock, threads }: Pick<Env, "clock" | "threads">, owner: RoundsOwner) {
    this.#clock = clock;
    this.#owner = owner;
    this.#guard = new MemoryGuard(
      () => threads.residentMb(),
      (lane) => owner.onOutgrown(lane, "all"),
    );
  }

  /** Makes the next round early enough for a request. */
  armFor(request: JobRequest, nowMs: number): void {
    const mayWait = request.place === "queued" || (request.lane?.behind ?? 0) > 0;
    if (mayWait) this.#hadWaiting = true;
    this.wakeAt(nowMs + (mayWait ? RELIEF_MS : Math.min(request.deadlineMs, LOOK_MS)));
  }

  /** Has everything looked at then, or before. */
  wakeAt(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    this.#timer = this.#clock.setTimer(dueMs - this.#clock.monotonic(), () => this.#look());
  }

  /** Makes no more rounds. */
  close(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    this.#timer = undefined;
    this.#dueMs = Infinity;
    const { cores, scopes, isContended } = this.#owner;
    const nowMs = this.#clock.monotonic();
    for (const lane of cores.lanes) {
      // A job that turned out not to be quick may have kept the ends of others back.
      lane.takeEnds();
      for (const request of lane.runs) this.#enforceLimits(lane, request, nowMs);
    }
    cores.isContended = isContended;
    for (const scope of scopes) {
      scope.relieve(nowMs);
      scope.trim(nowMs);
    }
    this.#guardMemory(nowMs);
    this.wakeAt(this.#nextDueMs(nowMs));
  }

  /** Not in every round: what grew since the last look must be worth comparing. */
  #guardMemory(nowMs: number): void {
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_MS;
    this.#guard.look(this.#owner.scopes, nowMs);
  }

  #enforceLimits(lane: PoolLane, request: JobRequest, nowMs: number): void {
    if (nowMs < dueMs(lane, request)) return;
    if (request.stop !== undefined) this.#owner.kill(lane);
    // Its deadline counts from its start, which cannot have been before now.
    else if (!lane.hasBegun(request)) lane.beginsLate(request, nowMs);
    else this.#isLate(lane, request, nowMs);
  }

  #isLate(lane: PoolLane, request: JobRequest, nowMs: number): void {
    const order: StopOrder = { cause: "deadline", why: whyLate(request), atMs: nowMs };
    if (request.shared?.outlives(nowMs - lane.startOf(request), order)) return;
    this.#owner.stop(request, order);
  }

  #nextDueMs(nowMs: number): number {
    // Not later, for then the next request would take the timer back and set another.
    let due = this.#hadWaiting ? nowMs + RELIEF_MS : Infinity;
    this.#hadWaiting = false;
    for (const lane of this.#owner.cores.lanes) {
      const { running, outstanding, behind } = lane;
      if (running !== undefined) due = Math.min(due, this.#nextLookMs);
      for (const request of lane.runs) due = Math.min(due, dueMs(lane, request));
      // Also while the lane has yet to go past jobs that were taken back: one behind them may run.
      if (behind > 0 || (outstanding > 0 && running === undefined)) {
        due = Math.min(due, nowMs + RELIEF_MS);
      }
    }
    for (const scope of this.#owner.scopes) {
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
