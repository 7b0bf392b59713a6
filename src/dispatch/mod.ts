/**
 * Command to job to reply: the one room that knows both the protocol and the pool.
 *
 * @module
 */

export { Dispatcher, type DispatcherOptions, type JobPool } from "./dispatcher.ts";
