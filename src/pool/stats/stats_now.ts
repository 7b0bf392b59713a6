import type { PoolLane } from "../lanes/lane.ts";
import type { Scope } from "../scope.ts";
import type { LaneStats, PoolStats, ScopeStats } from "./stats.ts";

/** The part of a pool's stats that is what its scopes do now. */
export type Now = Pick<PoolStats, "queued" | "oldestQueuedMs" | "running" | "lanes" | "scopes">;

/** What the scopes of a pool do at `nowMs` on the monotonic clock. */
export function statsNow(scopes: Iterable<Scope>, nowMs: number): Now {
  const all = Array.from(scopes, (scope) => scopeStats(scope, nowMs));
  const lanes = all.flatMap((scope) => scope.lanes);
  const idle = lanes.filter(({ state }) => state === "idle").length;
  return {
    queued: total(all, ({ queued }) => queued),
    oldestQueuedMs: Math.max(0, ...all.map(({ oldestQueuedMs }) => oldestQueuedMs)),
    running: total(lanes, ({ runs }) => runs.length),
    lanes: {
      idle,
      busy: lanes.length - idle,
      starting: total(all, ({ starting }) => starting),
    },
    scopes: all,
  };
}

function scopeStats(scope: Scope, nowMs: number): ScopeStats {
  const { name, isolation, memoryMb } = scope.spec;
  return {
    name,
    isolation,
    memoryMb,
    queued: scope.queued,
    oldestQueuedMs: nowMs - (scope.backlog.oldestMs ?? nowMs),
    starting: scope.starting,
    lanes: Array.from(scope.lanes, (lane) => laneStats(lane, nowMs)),
  };
}

function laneStats(lane: PoolLane, nowMs: number): LaneStats {
  const { id, outstanding, startedMs, isRetiring, behind } = lane;
  const begun = lane.runs.filter((run) => lane.hasBegun(run));
  return {
    id,
    state: isRetiring ? "retiring" : outstanding > 0 ? "busy" : "idle",
    sinceMs: nowMs - startedMs,
    runs: begun.map((run) => ({ job: run.job.name, runMs: nowMs - lane.startOf(run) })),
    ahead: behind + lane.runs.length - begun.length,
  };
}

function total<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, item) => sum + figure(item), 0);
}
