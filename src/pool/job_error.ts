import { reviveError } from "./link/mod.ts";
import type { Outcome } from "./outcome.ts";

/** A job was not done. `cause` is what it threw, if it threw; `outcome` tells all that is known. */
export class JobError extends Error {
  /** The name of the class. */
  override readonly name: string = "JobError";

  /** How the job ended. */
  readonly outcome: Outcome;

  /** Make the error of an outcome that is not `done`. */
  constructor(outcome: Outcome) {
    super(`The job was not done: ${reasonOf(outcome)}`, causeOf(outcome));
    this.outcome = outcome;
  }
}

/**
 * The result of a job that was done. Throws a {@linkcode JobError} for any other outcome.
 *
 * @example
 * ```ts
 * import { type Outcome, resultOf } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const outcome: Outcome<number> = { kind: "done", result: 42, queueMs: 0, runMs: 1, lane: 1 };
 * assertEquals(resultOf(outcome), 42);
 * ```
 */
export function resultOf<Result>(outcome: Outcome<Result>): Result {
  if (outcome.kind === "done") return outcome.result;
  throw new JobError(outcome);
}

function causeOf(outcome: Outcome): ErrorOptions {
  return "error" in outcome ? { cause: reviveError(outcome.error) } : {};
}

function reasonOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case "done":
      return "it was done";
    case "failed":
      return `it failed: ${outcome.error.message}`;
    case "invalid":
      return `its input was refused: ${outcome.error.message}`;
    case "cancelled":
    case "killed":
      return `it was ${outcome.kind}: ${outcome.stop.why}`;
    case "deadline":
      return outcome.stop.why;
    case "out-of-memory":
      return `it used more than its ${outcome.memoryMb} MiB of memory`;
    case "crashed":
      return `its lane died under it: ${outcome.reason}`;
    case "refused":
      return `${outcome.reason} [${outcome.code}]`;
  }
}
