import type { Progress } from "../job/mod.ts";
import type { RequestOptions } from "./job_request.ts";
import type { Submitter } from "./queue/submitter.ts";

/** Options for {@linkcode WorkerPool.submit}. */
export interface SubmitOptions<Item = unknown> extends RequestOptions {
  /** Cancels the job: it is asked to stop, and killed if it does not. */
  readonly signal?: AbortSignal;

  /**
   * Who submits it: submitters share the time of the lanes equally while their requests wait.
   *
   * @default {one for all that is submitted without}
   */
  readonly submitter?: Submitter;

  /**
   * What becomes of it when the queue is full: it is refused as `BUSY`, or it waits all the same,
   * for callers that bound what they submit.
   *
   * @default {"refuse"}
   */
  readonly whenFull?: "refuse" | "wait";

  /** Is called with how far the job has come: at most every 100 ms, and with the last. */
  readonly onProgress?: (progress: Progress) => void;

  /**
   * Is called with each item of a job that gives many. While it works, or the promise that it gives
   * is pending, the job may go on for sixteen items and then waits. The outcome's result is then what
   * the job's generator returned. What it throws cancels the job.
   *
   * @default {the items are the result, as a list}
   */
  readonly onItem?: (item: Item) => void | Promise<void>;
}
