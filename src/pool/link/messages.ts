import type { Manifest } from "../../job/mod.ts";
import type { ErrorRecord } from "./error_record.ts";
import type { Snapshot } from "./snapshot.ts";
import type { FromRun, ToRun } from "./talk.ts";

/** A job file to be loaded, and the number by which requests name it. */
export interface JobFile {
  readonly index: number;
  readonly url: string;
}

/** What a lane loads. */
export interface JobCode {
  readonly files: readonly JobFile[];

  /** Those that end the lanes that load them: they are not loaded for now. */
  readonly aside?: readonly JobFile[];

  /** Their code; left out where they are loaded from the disk. */
  readonly snapshot?: Snapshot | undefined;
}

/**
 * What a job is run on: a text, which the job parses and whose result it formats, or in the place of a
 * text the integer of up to 32 bits that it writes; a value in a box, whose result is a value; or JSON,
 * whose result is JSON.
 */
export type JobInput = string | number | BoxedInput | JsonInput;

/** A value that a job is run on, and how the two sides talk about it. */
export interface BoxedInput {
  /** The value, where it comes with the request. */
  readonly value?: unknown;

  /** Set where the job pulls its input when it has started: in one piece, or chunk by chunk. */
  readonly pull?: "whole" | "chunks";

  /** Whether the items that the job gives go to their reader one by one, and not as a list. */
  readonly streams?: boolean;
}

/** A value as JSON, for a program elsewhere: it is read, and its result written, in the lane. */
export interface JsonInput {
  /** The value; empty where there is none. */
  readonly json: string;

  /** How a bigint in the result is written: with all its digits, as a string or as a number. */
  readonly bigints?: "string" | "number" | undefined;

  /** Whether the items that the job gives are sent one by one, each as JSON, and not as a list. */
  readonly streams?: boolean;
}

/** What a lane has measured of a run that was long enough to be worth it. */
export interface RunFigures {
  /** Milliseconds of CPU time. */
  readonly cpuMs?: number;

  /** The most of its heap that was seen in use, in MiB. */
  readonly heapPeakMb?: number;
}

/**
 * The kinds of memory that are watched: JavaScript objects, array buffers, the memories of
 * WebAssembly, and all that a thread or process is seen to take from outside.
 */
export type MemoryKind = "heap" | "buffers" | "wasm" | "all";

/** How a run ended, as its lane tells it. */
export type RunEnd =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "invalid"; readonly error: ErrorRecord }
  | { readonly kind: "cancelled" }
  /** It has not begun, for its job has been put aside, and is not in this lane. */
  | { readonly kind: "aside" };

/** The self-test's loops: one that any kill stops, and one that needs the V8 flag as well. */
export type TestLoop = "empty" | "allocating";

/** What the pool says to a lane. */
export type ToLane =
  | { readonly type: "read"; readonly folder: string; readonly urls: readonly string[] }
  | ({ readonly type: "load"; readonly memoryMb: number } & JobCode)
  | { readonly type: "run"; readonly seq: number; readonly job: number; readonly input: JobInput }
  | { readonly type: "input"; readonly seq: number; readonly input: JobInput }
  | { readonly type: "ask"; readonly seq: number }
  | { readonly type: "test"; readonly loop: TestLoop }
  | ToRun;

/** What a lane says to the pool. */
export type FromLane =
  | {
    readonly type: "read";
    readonly snapshot: Snapshot;
    /** Why files could not be read, by their URLs. */
    readonly broken: Readonly<Record<string, string>>;
  }
  | { readonly type: "loading"; readonly index: number }
  | { readonly type: "loaded"; readonly index: number; readonly manifest: Manifest }
  | { readonly type: "broken"; readonly index: number; readonly error: ErrorRecord }
  | { readonly type: "ready" }
  | { readonly type: "testing" }
  | {
    readonly type: "end";
    readonly seq: number;
    readonly runMs: number;
    readonly figures?: RunFigures | undefined;
    readonly end: RunEnd;
  }
  | { readonly type: "ack"; readonly seq: number }
  | {
    readonly type: "print";
    readonly job: string;
    readonly level: "info" | "warn";
    readonly text: string;
  }
  | { readonly type: "stray"; readonly job: string; readonly error: ErrorRecord }
  | { readonly type: "out-of-memory"; readonly memory: MemoryKind }
  | { readonly type: "heavy"; readonly heapMb: number }
  | FromRun;
