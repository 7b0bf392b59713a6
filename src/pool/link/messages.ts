import type { Manifest } from "../../job/mod.ts";

/** A job file to be loaded, and the number by which requests name it. */
export interface JobFile {
  readonly index: number;
  readonly url: string;
}

/**
 * What a job is run on: a text, which the job parses and whose result it formats; a value in a box,
 * whose result is a value; or JSON, whose result is JSON.
 */
export type JobInput = string | { readonly value: unknown } | JsonInput;

/** A value as JSON, for a program elsewhere: it is read, and its result written, in the lane. */
export interface JsonInput {
  /** The value; empty where there is none. */
  readonly json: string;

  /** How a bigint in the result is written: with all its digits, as a string or as a number. */
  readonly bigints?: "string" | "number" | undefined;
}

/** An error that crossed a thread. */
export interface ErrorRecord {
  /** The name of its class. */
  readonly name: string;

  /** What it says. */
  readonly message: string;

  /** Where it was thrown, if it tells. */
  readonly stack?: string;

  /** Its own cause, if it has one. */
  readonly cause?: ErrorRecord;
}

/** How a run ended, as its lane tells it. */
export type RunEnd =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "invalid"; readonly error: ErrorRecord }
  | { readonly kind: "cancelled" };

/** The self-test's loops: one that any kill stops, and one that needs the V8 flag as well. */
export type TestLoop = "empty" | "allocating";

/** What the pool says to a lane. */
export type ToLane =
  | { readonly type: "load"; readonly files: readonly JobFile[] }
  | { readonly type: "run"; readonly seq: number; readonly job: number; readonly input: JobInput }
  | { readonly type: "input"; readonly seq: number; readonly input: JobInput }
  | { readonly type: "ask"; readonly seq: number }
  | { readonly type: "test"; readonly loop: TestLoop };

/** What a lane says to the pool. */
export type FromLane =
  | { readonly type: "loading"; readonly index: number }
  | { readonly type: "loaded"; readonly index: number; readonly manifest: Manifest }
  | { readonly type: "broken"; readonly index: number; readonly error: ErrorRecord }
  | { readonly type: "ready" }
  | { readonly type: "testing" }
  | { readonly type: "end"; readonly seq: number; readonly runMs: number; readonly end: RunEnd }
  | {
    readonly type: "print";
    readonly job: string;
    readonly level: "info" | "warn";
    readonly text: string;
  }
  | { readonly type: "stray"; readonly job: string; readonly error: ErrorRecord }
  | { readonly type: "out-of-memory" };

const MAX_CAUSES = 4;

/**
 * The parts of an error that can cross a thread. What is thrown but is no error keeps its text. It
 * never throws, though each part may be a getter that does.
 */
export function recordError(thrown: unknown, depth = 0): ErrorRecord {
  if (!Error.isError(thrown)) return { name: "Error", message: textOf(() => thrown) };
  const cause = partOf(() => thrown.cause);
  const stack = partOf(() => thrown.stack);
  return {
    name: textOf(() => thrown.name, "Error"),
    message: textOf(() => thrown.message),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: recordError(cause, depth + 1) }),
  };
}

function textOf(part: () => unknown, otherwise = "a value without a text was thrown"): string {
  try {
    return String(part());
  } catch {
    return otherwise;
  }
}

function partOf(part: () => unknown): unknown {
  try {
    return part();
  } catch {
    return undefined;
  }
}
