/**
 * CORES. Runs jobs in lanes, under the permissions, deadlines and memory limits of their scopes,
 * and stops them for real. It has never heard of sockets or lines.
 *
 * @module
 */

export type { Job } from "./catalogue.ts";
export { JobError, resultOf } from "./job_error.ts";
export { JobStream } from "./job_stream.ts";
export type { Service, ServiceContext, Services, ServicesOf } from "./services.ts";
export type { SubmitOptions } from "./submit_options.ts";
export { describePermissions, type Grants, type JobGrant } from "./grants.ts";
export { PoolError } from "./pool_error.ts";
export { type Histogram, mergeHistograms, quantileMs } from "./histogram.ts";
export { JobRequest, type RequestOptions } from "./job_request.ts";
export type { ErrorRecord, JobInput, MemoryKind, PlainData, RunFigures } from "./link/mod.ts";
export type { Outcome, OutcomeFigures, OutcomeKind, RefusalCode, Stop } from "./outcome.ts";
export { WorkerPool, type WorkerPoolOptions } from "./pool.ts";
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
} from "./stats.ts";
export type { CacheOptions } from "./result_cache.ts";
export { Submitter } from "./submitter.ts";
export type { OnStuck, StuckOptions } from "./stuck_lanes.ts";
