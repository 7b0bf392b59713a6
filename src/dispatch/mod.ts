/**
 * Command to job to reply: the one room that knows both the protocol and the pool.
 *
 * @module
 */

export type { Arrival } from "./caller.ts";
export { jobRows, poolRows } from "./stats_rows.ts";
export { Dispatcher, type DispatcherOptions, type JobPool } from "./dispatcher.ts";
