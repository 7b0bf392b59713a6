import { onAbort, type Registration } from "../switch/mod.ts";
import { JobRequest } from "./job_request.ts";
import type { Outcome } from "./outcome.ts";

/** A request whose outcome is a promise. */
export class Submission extends JobRequest {
  readonly #outcome = Promise.withResolvers<Outcome>();
  #abort: Registration | undefined;

  /** How it ended. Never rejects. */
  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /** Calls `cancel` when the signal fires before the outcome is there. */
  cancelOn(signal: AbortSignal, cancel: () => void): void {
    this.#abort = onAbort(signal, cancel, `job ${this.job.name}`);
  }

  override settled(outcome: Outcome): void {
    this.#abort?.remove();
    this.#outcome.resolve(outcome);
  }
}
