import { describeError } from "../switch/mod.ts";

/**
 * What whoever wants a {@linkcode Mutex} gets after a writer failed inside of it: what it guards
 * may be half changed. `cause` is what the writer threw. Make the state anew, and a mutex with it.
 *
 * @example
 * ```ts
 * import { Mutex, Poisoned } from "@switchyard/switchyard";
 * import { assertRejects, assertStrictEquals } from "@std/assert";
 *
 * const mutex = new Mutex();
 * const cause = new Error("the disk is full");
 * await assertRejects(() => mutex.useRw(() => Promise.reject(cause)));
 * const poisoned = await assertRejects(() => mutex.lock(), Poisoned);
 * assertStrictEquals(poisoned.cause, cause);
 * ```
 */
export class Poisoned extends Error {
  /** The name of the class. */
  override readonly name: string = "Poisoned";

  /** Make the error for the mutex that messages call `title`, whose writer threw `cause`. */
  constructor(title: string, cause: unknown) {
    super(`Cannot lock the ${title}: a writer failed in it: ${describeError(cause)}`, { cause });
  }
}
