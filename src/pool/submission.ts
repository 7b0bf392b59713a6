import type { Progress } from "../job/mod.ts";
import { onAbort, type Registration } from "../switch/mod.ts";
import type { Job } from "./jobs/catalogue.ts";
import { boxInput, type ChunkSource } from "./talk/chunk_source.ts";
import { JobRequest } from "./job_request.ts";
import type { Outcome } from "./outcome.ts";
import type { SubmitOptions } from "./submit_options.ts";
import type { Submitter } from "./queue/submitter.ts";

/** A request whose outcome is a promise, and who hears what its job says. */
export class Submission extends JobRequest {
  readonly #options: SubmitOptions;
  readonly #source: ChunkSource | undefined;
  readonly #outcome = Promise.withResolvers<Outcome>();
  #abort: Registration | undefined;

  constructor(job: Job, value: unknown, submitter: Submitter, options: SubmitOptions) {
    const { input, source } = boxInput(value, options.onItem !== undefined);
    super(job, input, submitter, options);
    this.#source = source;
    this.#options = options;
  }

  /** How it ended. Never rejects. */
  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /** Calls `cancel` when the signal fires before the outcome is there. */
  cancelOn(signal: AbortSignal, cancel: () => void): void {
    this.#abort = onAbort(signal, cancel, `job ${this.job.name}`);
  }

  override get source(): ChunkSource | undefined {
    return this.#source;
  }

  override progressed(progress: Progress): void {
    this.#options.onProgress?.(progress);
  }

  override item(item: unknown): void | Promise<void> {
    return this.#options.onItem?.(item);
  }

  override settled(outcome: Outcome): void {
    this.#abort?.remove();
    void this.#source?.close();
    this.#outcome.resolve(outcome);
  }
}
