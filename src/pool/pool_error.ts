/** A pool cannot be opened, for a reason that its operator can mend. The message says which. */
export class PoolError extends Error {
  /** The name of the class. */
  override readonly name: string = "PoolError";
}
