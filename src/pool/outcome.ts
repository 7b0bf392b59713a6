import type { ErrorRecord, MemoryKind, RunFigures } from "./link/mod.ts";

/** How a job that was to stop came to its end. */
export interface Stop {
  /**
   * What ended it: its own obedience, a kill, or that it had not begun; `left` where it shared a
   * run that goes on for others.
   */
  readonly how: "asked" | "killed" | "never-started" | "left";
  /** Why it was to stop: in words, for the log and the reply. */
  readonly why: string;
  /** Milliseconds from the request to stop until it had stopped. */
  readonly ms: number;
  /**
   * Milliseconds from the request until the job was seen to hear of it: its `signal` fired, or its
   * `check()` threw. Left out where it never was.
   */
  readonly ackMs?: number;
  /** Whether the end was seen. Where not, a thread may still be burning a core. */
  readonly verified: boolean;
}

/**
 * The figures of every outcome. `cpuMs` and `heapPeakMb` are there for runs that took some
 * milliseconds and ended by themselves: to measure a tiny job would cost more than the job.
 */
export interface OutcomeFigures extends RunFigures {
  /** Milliseconds in the queue. */
  readonly queueMs: number;
  /** Milliseconds of running; 0 where it never started. */
  readonly runMs: number;
  /** The thread that ran it; 0 where none did. */
  readonly lane: number;
  /** Whether it had no run of its own: it shared another's, or was answered from the cache. */
  readonly reuse?: "shared" | "cached";
}

/** Why a job was not even queued. */
export type RefusalCode = "BUSY" | "DRAINING" | "DENIED" | "UNKNOWN_JOB";

/** How a job ended. The list is closed. */
export type Outcome<Result = unknown> =
  & OutcomeFigures
  & (
    | { readonly kind: "done"; readonly result: Result }
    | { readonly kind: "failed"; readonly error: ErrorRecord }
    | { readonly kind: "invalid"; readonly error: ErrorRecord }
    | { readonly kind: "cancelled"; readonly stop: Stop }
    | { readonly kind: "killed"; readonly stop: Stop }
    | { readonly kind: "deadline"; readonly deadlineMs: number; readonly stop: Stop }
    | {
      readonly kind: "out-of-memory";
      /** Which memory: objects, array buffers, or WebAssembly's. */
      readonly memory: MemoryKind;
      /** Its limit, in MiB. */
      readonly memoryMb: number;
    }
    | { readonly kind: "crashed"; readonly reason: string }
    | { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string }
  );

/** The word for how a job ended. */
export type OutcomeKind = Outcome["kind"];
