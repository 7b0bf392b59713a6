/** What else is known of a call that failed: how long it ran, how it was stopped. */
export type CallFigures = Readonly<Record<string, unknown>>;

/**
 * Why a call has no result. `code` is a word that a program can match: the server's own (`BUSY`,
 * `DEADLINE`, `KILLED`...), `FAILED` for what the job threw, or one of the client's: `LOST` where
 * the connection ended under it, `CLOSED` where the client was closed.
 */
export class CallError extends Error {
  /** The name of the class. */
  override readonly name = "CallError";

  /** Why, for programs. */
  readonly code: string;

  /** What the server said besides: `runMs`, `stop`... Empty where it said nothing. */
  readonly figures: CallFigures;

  /** Make the error of a call. */
  constructor(code: string, message: string, figures: CallFigures = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.figures = figures;
  }
}
