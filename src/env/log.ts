/** How much a line of the log matters, least first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line of the log says besides its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The authority to write to the log. A call writes one line, or none, and never waits. */
export interface Log {
  /** Writes what helps to follow the program step by step. */
  debug(message: string, fields?: LogFields): void;

  /** Writes what an operator wants to know on a good day. */
  info(message: string, fields?: LogFields): void;

  /** Writes what may need a look. */
  warn(message: string, fields?: LogFields): void;

  /** Writes what has gone wrong. */
  error(message: string, fields?: LogFields): void;

  /** A log whose every line carries `fields` too. */
  with(fields: LogFields): Log;
}
