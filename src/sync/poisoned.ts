import { describeError } from "../switch/mod.ts";

/**
 * What whoever wants a {@linkcode Mutex} gets after a writer failed inside of it: what it guards
 * may be half changed. `cause` is what the writer threw. Make the state anew, and a mutex with it.
 */
export class Poisoned extends Error {
  /** The name of the class. */
  override readonly name: string = "Poisoned";

  /** Make the error for the mutex that messages call `title`, whose writer threw `cause`. */
  constructor(title: string, cause: unknown) {
    super(`Cannot lock the ${title}: a writer failed in it: ${describeError(cause)}`, { cause });
  }
}
