import type { InputSchema } from "./input_schema.ts";
import type { JobItem } from "./items.ts";
import type { JobContext } from "./job_context.ts";
import type { JobRef } from "./job_ref.ts";
import type { PermissionRequest } from "./permission_request.ts";

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

/**
 * A job: what it is called, what it asks for, and what it does. `Given` is what a submitter gives,
 * `Input` what the schema makes of it.
 */
export interface JobDefinition<
  Input,
  Output,
  Given = unknown,
  Asked extends PermissionRequest = PermissionRequest,
  Calls extends readonly string[] = readonly string[],
> extends JobRef<Given, Output> {
  /** What clients call it: a lower-case letter, then letters, digits, `-` or `_`. */
  readonly name: string;

  /** One line for people, shown by `JOBS`. */
  readonly summary: string;

  /** Texts that a person can try, shown by `HELP`. */
  readonly examples?: readonly string[];

  /** What its text must be, in words, shown by `HELP`: "a whole number". */
  readonly takes?: string;

  /** What it asks for; the operator decides. Default: nothing. */
  readonly permissions?: Asked;

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
  readonly calls?: Calls;

  /** What its input must be: any Standard Schema (valibot, zod, arktype). */
  readonly input: InputSchema<Input, Given>;

  /**
   * Turns the text of a line into a value for `input`. Throw to refuse it: the message is the reply.
   * Default: the text itself.
   */
  readonly parse?: (text: string) => unknown;

  /**
   * Does the work. What it throws is the reply: `Error: <message>`. One that gives many results, its
   * items, is a generator, `async *run` or `*run`, or returns an async iterable: the items go to the
   * submitter as it takes them, and the generator waits meanwhile.
   */
  run(input: Input, context: JobContext<Asked, Calls>): Output | Promise<Output>;

  /**
   * Turns the result into the text of a reply; of a job that gives items, each item, and the reply is
   * their texts with a blank between. Default: `String`.
   */
  readonly format?: (output: JobItem<Output>) => string;
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
export function defineJob<
  Input,
  Output,
  Given = Input,
  const Asked extends PermissionRequest = Record<never, never>,
  const Calls extends readonly string[] = readonly [],
>(
  definition: JobDefinition<Input, Output, Given, Asked, Calls>,
): JobDefinition<Input, Output, Given, Asked, Calls> {
  return definition;
}
