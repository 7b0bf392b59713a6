/** What a {@linkcode BufReader} did not find, as a word that a program can match. */
export type ReadErrorCode = "end-of-input" | "unexpected" | "limit" | "invalid-utf-8";

/** A failure of a {@linkcode BufReader}: its input is not what was asked for. */
export class ReadError extends Error {
  /** The name of the class. */
  override readonly name: string = "ReadError";

  /** What went wrong, for programs. */
  readonly code: ReadErrorCode;

  /** Where, in bytes from the beginning of the input. */
  readonly offset: number;

  /** Make a read error with this code, place and message. */
  constructor(code: ReadErrorCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
