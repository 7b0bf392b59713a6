/**
 * The job kit: what a job file imports.
 *
 * A job is one file in `workers/` that exports a definition by default. Its code runs in a lane, a
 * thread that holds just the permissions that the operator granted and that can be killed; nothing
 * of it is ever imported by the server.
 *
 * - {@linkcode defineJob} makes the definition; {@linkcode chunks} an input that is a stream,
 *   {@linkcode transfer} a result that is not copied, {@linkcode callsOf} typed calls to the server
 * - {@linkcode JobContext} is what a running job is given
 * - {@linkcode jobRef} names a job for those who submit it, with its types
 *
 * @module
 */

export { defineJob } from "./define_job.ts";
export type { JobDefinition, JobLimits, JobPriority } from "./define_job.ts";
export type { PermissionRequest } from "./permission_request.ts";
export type { JobContext, JobLog, JobLogFields, Progress } from "./job_context.ts";
export {
  asksForParts,
  type FreePart,
  type JobEnv,
  jobEnv,
  type JobEnvPart,
  type JobMachine,
} from "./job_env.ts";
export {
  type AnswerOf,
  type ArgumentsOf,
  type CallByName,
  type Calls,
  type CallService,
  callsOf,
  type CallTyped,
  type ServiceInterface,
} from "./services.ts";
export { type JobRef, jobRef, type RefTo } from "./job_ref.ts";
export {
  isItems,
  type Items,
  type JobItem,
  type JobResult,
  type JobReturn,
  takeItems,
} from "./items.ts";
export { type Received, received, transfer, Transferred } from "./transfer.ts";
export { type Chunks, chunks, isAsyncChunks } from "./chunks.ts";
export { InvalidInput, parseInput, validate } from "./validate.ts";
export type { Checked, InputIssue, InputSchema, StandardProps } from "./input_schema.ts";
export { JOB_PRIORITIES, type Manifest, manifestOf, PERMISSION_KINDS } from "./manifest.ts";
export { isInteger, parseInteger } from "../protocol/integer.ts";
export { Cancelled } from "../switch/mod.ts";
