import type { Cancelled } from "../../src/job/mod.ts";

/** What a run waits for: when it is asked to stop, it waits no more. */
export class Waits {
  readonly #rejects = new Set<(reason: Cancelled) => void>();
  #reason: Cancelled | undefined;

  /** A promise for the caller to resolve, which rejects when the run is asked to stop. */
  begin<T>(): PromiseWithResolvers<T> {
    const wait = Promise.withResolvers<T>();
    if (this.#reason !== undefined) wait.reject(this.#reason);
    this.#rejects.add(wait.reject);
    const forget = () => void this.#rejects.delete(wait.reject);
    wait.promise.then(forget, forget);
    return wait;
  }

  /** Ends all waits, those to come too, for this reason. */
  stop(reason: Cancelled): void {
    this.#reason = reason;
    for (const reject of this.#rejects) reject(reason);
  }
}
