/**
 * Switchyard: a multicore job server, a job kit, and structured concurrency for Deno.
 *
 * @module
 */

export * from "./switch/mod.ts";
export * from "./env/mod.ts";
export * from "./net/mod.ts";
export * from "./protocol/mod.ts";
export * from "./pool/mod.ts";
export {
  defineJob,
  type JobContext,
  type JobDefinition,
  type JobLimits,
  type PermissionRequest,
} from "./job/mod.ts";
export { runServer, type ServerEnd, type ServerOptions } from "./server.ts";
