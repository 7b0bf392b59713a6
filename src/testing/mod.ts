/**
 * Testing: programs on a fake machine, without time, in one order of events after another.
 *
 * {@linkcode runTest} runs a test whose clock moves by itself and which notices a deadlock;
 * {@linkcode explore} runs it under many schedules, and names the one in which it fails.
 * {@linkcode runJob} runs a job's definition, without a pool.
 *
 * @module
 */

export { DeadlockError } from "./deadlock_error.ts";
export { explore, type ExploreOptions } from "./explore.ts";
export { runJob, type RunJobOptions } from "./run_job.ts";
export { runTest, type RunTestOptions, type TestScope } from "./run_test.ts";
export { ScheduleError } from "./schedule_error.ts";
