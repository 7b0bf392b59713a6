/**
 * CORES. Runs jobs in lanes, under the permissions, deadlines and memory limits of their scopes,
 * and stops them for real. It has never heard of sockets or lines.
 *
 * `jobs/` knows what may run, `queue/` whose turn it is, `lanes/` where it runs, `talk/` what is said
 * meanwhile, `reuse/` what need not run again, `stats/` what has happened. `link/` is what a lane and
 * the pool say to each other, and all of this that the lanes load.
 *
 * @module
 */

export type { Job } from "./jobs/catalogue.ts";
export { JobError, resultOf } from "./job_error.ts";
export { JobStream } from "./talk/job_stream.ts";
export type { Service, ServiceContext, Services, ServicesOf } from "./talk/services.ts";
export type { SubmitOptions } from "./submit_options.ts";
export { describePermissions, type Grants, type JobGrant } from "./jobs/grants.ts";
export { PoolError } from "./pool_error.ts";
export { type Histogram, mergeHistograms, quantileMs } from "./stats/histogram.ts";
export { JobRequest, type RequestOptions } from "./job_request.ts";
export type { ErrorRecord, JobInput, MemoryKind, PlainData, RunFigures } from "./link/mod.ts";
export type { Outcome, OutcomeFigures, OutcomeKind, RefusalCode, Stop } from "./outcome.ts";
export { WorkerPool } from "./pool.ts";
export { MAX_QUEUE, type WorkerPoolOptions } from "./pool_options.ts";
export {
  type JobStats,
  type LaneEnd,
  type LaneEndCounts,
  type LaneStats,
  type OutcomeCounts,
  type PoolStats,
  type RefusalCounts,
  type ReuseStats,
  type RunStats,
  type ScopeStats,
  statsSince,
} from "./stats/stats.ts";
export type { CacheOptions } from "./reuse/result_cache.ts";
export { Submitter } from "./queue/submitter.ts";
export type { OnStuck, StuckOptions } from "./lanes/stuck_lanes.ts";
