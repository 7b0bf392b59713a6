/**
 * The job kit: what a job file imports.
 *
 * A job is one file in `workers/` that exports a definition by default. Its code runs in a lane, a
 * thread that holds just the permissions that the operator granted and that can be killed; nothing
 * of it is ever imported by the server.
 *
 * @module
 */

export { defineJob } from "./define_job.ts";
export type {
  JobContext,
  JobDefinition,
  JobLimits,
  JobPriority,
  PermissionRequest,
} from "./define_job.ts";
export type { Checked, InputIssue, InputSchema, StandardProps } from "./input_schema.ts";
export { JOB_PRIORITIES, type Manifest, manifestOf, PERMISSION_KINDS } from "./manifest.ts";
export { isInteger, parseInteger } from "../protocol/integer.ts";
export { Cancelled } from "../switch/mod.ts";
