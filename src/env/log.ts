/** How much a line of the log matters, least first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line of the log says besides its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The authority to write to the log. A call writes one line, or none, and never waits. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;

  /** A log whose every line carries `fields` too. */
  with(fields: LogFields): Log;
}
