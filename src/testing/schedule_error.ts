/** What {@linkcode explore} rejects with: in which schedule the test failed, and how to repeat it. */
export class ScheduleError extends Error {
  /** The name of the class. */
  override readonly name: string = "ScheduleError";

  /** The seed of the schedule. */
  readonly seed: number;

  /** Make an error for the schedule of `seed`, the `nth` that was tried, in which `cause` was thrown. */
  constructor(seed: number, nth: number, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`Schedule ${nth} failed; repeat it with { seed: ${seed} }\n${why}`, { cause });
    this.seed = seed;
  }
}
