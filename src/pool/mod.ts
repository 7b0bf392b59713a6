/**
 * CORES. Runs jobs in lanes, under the permissions, deadlines and memory limits of their scopes,
 * and stops them for real. It has never heard of sockets or lines.
 *
 * @module
 */

export type { Job } from "./catalogue.ts";
export type { Grants } from "./grants.ts";
export { PoolError } from "./pool_error.ts";
export { JobRequest } from "./job_request.ts";
export type { ErrorRecord, JobInput } from "./link/mod.ts";
export type { Outcome, OutcomeFigures, OutcomeKind, RefusalCode, Stop } from "./outcome.ts";
export { type PoolStats, type SubmitOptions, WorkerPool, type WorkerPoolOptions } from "./pool.ts";
export { Submitter } from "./submitter.ts";
export type { OutcomeCounts } from "./supervisor.ts";
