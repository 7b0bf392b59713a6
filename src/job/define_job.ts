import type { StandardSchemaV1 } from "@standard-schema/spec";

/** What a job may ask for, kind by kind, with values as Deno takes them; `true` asks for all. */
export interface PermissionRequest {
  readonly net?: true | readonly string[];
  readonly read?: true | readonly string[];
  readonly write?: true | readonly string[];
  readonly env?: true | readonly string[];
  readonly run?: true | readonly string[];
  readonly ffi?: true | readonly string[];
  readonly sys?: true | readonly string[];
  readonly import?: true | readonly string[];
}

/** The limits of one job. What is left out is the pool's default. */
export interface JobLimits {
  /** How long a run may take, in milliseconds, from its start. */
  readonly deadlineMs?: number;
  /** How long a run that was asked to stop may take to obey, in milliseconds, before it is killed. */
  readonly graceMs?: number;
  /** The heap of the lane that runs it, in MiB. */
  readonly memoryMb?: number;
}

/** What a running job is given besides its input. */
export interface JobContext {
  /** Aborted when the job is asked to stop: give it to whatever waits. Made when first read. */
  readonly signal: AbortSignal;

  /**
   * Throws the signal's reason once the job has been asked to stop. It reads a flag in shared
   * memory, so it works inside a loop that never waits; call it every few thousand steps.
   */
  check(): void;
}

/** A job: what it is called, what it asks for, and what it does. */
export interface JobDefinition<Input, Output> {
  /** What clients call it: a lower-case letter, then letters, digits, `-` or `_`. */
  readonly name: string;

  /** One line for people, shown by `JOBS`. */
  readonly summary: string;

  /** Texts that a person can try, shown by `HELP`. */
  readonly examples?: readonly string[];

  /** What it asks for; the operator decides. Default: nothing. */
  readonly permissions?: PermissionRequest;

  /** Its limits. */
  readonly limits?: JobLimits;

  /** What its input must be: any Standard Schema (valibot, zod, arktype). */
  readonly input: StandardSchemaV1<unknown, Input>;

  /**
   * Turns the text of a line into a value for `input`. Throw to refuse it: the message is the reply.
   * Default: the text itself.
   */
  readonly parse?: (text: string) => unknown;

  /** Does the work. What it throws is the reply: `Error: <message>`. */
  run(input: Input, context: JobContext): Output | Promise<Output>;

  /** Turns the result into the text of a reply. Default: `String`. */
  readonly format?: (output: Output) => string;
}

/**
 * Defines a job: the default export of a job file. It is the identity function, there for the types.
 *
 * Everything in a job file, `parse` and `format` too, runs in a lane: a thread with just the
 * permissions that the operator granted, which can be killed. The server never imports it.
 *
 * @example
 * ```ts
 * import { defineJob } from "@switchyard/switchyard/job";
 * import * as v from "valibot";
 *
 * const reverse = defineJob({
 *   name: "reverse",
 *   summary: "The text, backwards",
 *   input: v.string(),
 *   run: (text) => [...text].reverse().join(""),
 * });
 * ```
 */
export function defineJob<Input, Output>(
  definition: JobDefinition<Input, Output>,
): JobDefinition<Input, Output> {
  return definition;
}
