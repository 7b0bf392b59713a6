import type { InputSchema } from "./input_schema.ts";

/** What a job may ask for, kind by kind, with values as Deno takes them; `true` asks for all. */
export interface PermissionRequest {
  /** Hosts to connect to or to listen on: `example.com`, `10.0.0.1:5432`. */
  readonly net?: true | readonly string[];

  /** Files and folders to read, as absolute paths. */
  readonly read?: true | readonly string[];

  /** Files and folders to write, as absolute paths. */
  readonly write?: true | readonly string[];

  /** Environment variables. */
  readonly env?: true | readonly string[];

  /** Programs to run. */
  readonly run?: true | readonly string[];

  /** Native libraries to load. */
  readonly ffi?: true | readonly string[];

  /** What to learn of the machine: `hostname`, `cpus`. */
  readonly sys?: true | readonly string[];

  /** Hosts to import code from. */
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

/** How much a request matters beside others: each goes first more often than those below it. */
export type JobPriority = "high" | "normal" | "low";

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

  /** What its text must be, in words, shown by `HELP`: "a whole number". */
  readonly takes?: string;

  /** What it asks for; the operator decides. Default: nothing. */
  readonly permissions?: PermissionRequest;

  /** Its limits. */
  readonly limits?: JobLimits;

  /**
   * Promises that equal inputs give equal results, and that a run leaves nothing behind. The pool may
   * then, where it was asked to, answer identical requests by one run, or by an earlier result.
   *
   * @default {false}
   */
  readonly pure?: boolean;

  /**
   * How many runs may share a lane while they wait: for a job that mostly waits, as `sleep` does. A
   * whole number from 1 to 1000.
   *
   * @default {1}
   */
  readonly concurrency?: number;

  /**
   * How much its requests matter, where they do not say.
   *
   * @default {"normal"}
   */
  readonly priority?: JobPriority;

  /** The services of the server that it calls, by name; the operator grants them. Default: none. */
  readonly calls?: readonly string[];

  /** What its input must be: any Standard Schema (valibot, zod, arktype). */
  readonly input: InputSchema<Input>;

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
