import type { JobEnv } from "./job_env.ts";
import type { PermissionRequest } from "./permission_request.ts";
import type { CallService } from "./services.ts";

/** What a job says to the server's log, besides the message: values that JSON can hold. */
export type JobLogFields = Readonly<Record<string, unknown>>;

/**
 * The way of a job into the server's log. Its lines carry the job, the lane and the number of the
 * request. A run may write 100 of them, which are cut at 4096 characters; the rest is dropped, and
 * said to be.
 */
export interface JobLog {
  /** Writes what helps to follow the job step by step. */
  debug(message: string, fields?: JobLogFields): void;

  /** Writes what an operator wants to know on a good day. */
  info(message: string, fields?: JobLogFields): void;

  /** Writes what may need a look. */
  warn(message: string, fields?: JobLogFields): void;

  /** Writes what has gone wrong. */
  error(message: string, fields?: JobLogFields): void;
}

/** How far a job has come. */
export interface Progress {
  /** How much is done, in the job's own units. */
  readonly done: number;

  /** How much there is to do, in the same units, where that is known. */
  readonly total?: number;

  /** What it is at, in words. */
  readonly note?: string;
}

/**
 * What a running job is given besides its input. All of it can be taken out by destructuring:
 * `run(input, { signal, check })`.
 */
export interface JobContext<
  Asked extends PermissionRequest = PermissionRequest,
  Calls = readonly string[],
> {
  /** Aborted when the job is asked to stop: give it to whatever waits. Made when first read. */
  readonly signal: AbortSignal;

  /**
   * Throws the signal's reason once the job has been asked to stop. It reads a flag in shared
   * memory, so it works inside a loop that never waits; call it every few thousand steps.
   */
  check(): void;

  /**
   * Tells the submitter how far the job has come: `done` of `total`, in any unit, and a note. Call it
   * as often as you like: at most one in 100 ms is sent, and always the last. Never waits.
   */
  progress(done: number, total?: number, note?: string): void;

  /** Writes to the server's log. */
  readonly log: JobLog;

  /** What of the machine the job may use: what it asks for in its `permissions`, and the clock. */
  readonly env: JobEnv<Asked>;

  /**
   * Calls a service that the server offers and the job lists in its `calls`, and waits for the answer;
   * meanwhile the job holds no core. Rejects with what the service threw, and with `Cancelled` when
   * the job is asked to stop, which cancels the call as well. At most 16 calls of a run are under way
   * at once; more wait for their turn.
   */
  readonly call: CallService<Calls>;
}
