import { type Histogram, type JobStats, type PoolStats, quantileMs } from "../pool/mod.ts";
import type { Stats } from "../protocol/mod.ts";

/** What `STATS` shows of a pool. */
export function poolRows(stats: PoolStats): Stats {
  const { lanes, laneEnds, refused, reuse, stops } = stats;
  return {
    "up, s": Math.round(stats.spanMs / 1000),
    queued: stats.queued,
    "oldest queued, ms": Math.round(stats.oldestQueuedMs),
    running: stats.running,
    cores: stats.cores,
    "lanes idle": lanes.idle,
    "lanes busy": lanes.busy,
    "lanes starting": lanes.starting,
    ...outcomeRows(stats),
    ...prefixed("refused as", refused),
    ...quantileRows("asked to stop", stops.asked),
    ...quantileRows("killed", stops.killed),
    kills: stats.kills,
    "kills not verified": stats.unverifiedKills,
    "lanes stuck": stats.stuckLanes,
    ...prefixed("lanes ended,", laneEnds),
    "sharing a run": reuse.sharing,
    "runs shared": reuse.shared,
    "results cached": reuse.cached,
    "cache misses": reuse.misses,
    "cache evictions": reuse.evictions,
    "cache entries": reuse.entries,
    "cache bytes": reuse.bytes,
  };
}

/** What `STATS name` shows of a job; of one that nobody has asked for, that alone. */
export function jobRows({ jobs }: PoolStats, name: string): Stats {
  const job = jobs[name];
  if (job === undefined) return { job: name, requests: 0 };
  const requests = Object.values(job.outcomes).reduce((sum, count) => sum + count);
  return {
    job: name,
    requests,
    ...outcomeRows(job),
    "runs shared": job.shared,
    "results cached": job.cached,
  };
}

function outcomeRows({ outcomes, wait, run }: Pick<JobStats, "outcomes" | "wait" | "run">): Stats {
  return { ...outcomes, ...quantileRows("waited", wait), ...quantileRows("ran", run) };
}

function quantileRows(what: string, histogram: Histogram): Stats {
  return {
    [`${what} p50, ms`]: rounded(quantileMs(histogram, 0.5)),
    [`${what} p99, ms`]: rounded(quantileMs(histogram, 0.99)),
    [`${what} most, ms`]: rounded(histogram.maxMs),
  };
}

function prefixed(prefix: string, counts: Readonly<Record<string, number>>): Stats {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [`${prefix} ${name}`, count]),
  );
}

/** Three digits: a histogram knows no more. */
function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
