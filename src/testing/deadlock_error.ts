import { formatTree, type SwitchInfo } from "../switch/mod.ts";

/**
 * What a test rejects with when all its fibers wait, no timer is set, and so nothing can wake any
 * of them. The message shows the tree.
 */
export class DeadlockError extends Error {
  /** The name of the class. */
  override readonly name: string = "DeadlockError";

  /** Who waits, and for what. */
  readonly tree: SwitchInfo;

  /** Make an error that shows `tree`. */
  constructor(tree: SwitchInfo) {
    super(
      "Cannot go on: all fibers wait, and nothing is left that could wake one\n" + formatTree(tree),
    );
    this.tree = tree;
  }
}
