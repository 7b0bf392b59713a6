/**
 * The other end of the wire: calls jobs on a server, typed by their definitions.
 *
 * @module
 */

export { Client, connect } from "./client.ts";
export { CallError, type CallFigures } from "./call_error.ts";
export type { CallOptions, ClientEnv, ClientOptions } from "./options.ts";
