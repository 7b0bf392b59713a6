/**
 * Command to job to reply: the one room that knows both the protocol and the pool.
 *
 * @module
 */

export { Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
