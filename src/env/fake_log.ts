import { recordLog } from "./line_log.ts";
import type { Log, LogFields, LogLevel } from "./log.ts";
import { logFormats, type LogRecord } from "./log_format.ts";

/** A log for tests that keeps what is written to it. */
export class FakeLog implements Log {
  /** All that was written, oldest first. */
  readonly records: LogRecord[] = [];

  readonly #log: Log;

  /** Make a log whose records bear the time that `now` tells. */
  constructor(now: () => number = () => 0) {
    this.#log = recordLog((record) => this.records.push(record), now);
  }

  /** The records as lines of the text format, oldest first. */
  get lines(): string[] {
    return this.records.map((record) => logFormats.text(record, false));
  }

  /** The messages of one level, oldest first. */
  messages(level: LogLevel): string[] {
    return this.records.filter((record) => record.level === level).map(({ message }) => message);
  }

  /** Keeps a record of the debug level. */
  debug(message: string, fields?: LogFields): void {
    this.#log.debug(message, fields);
  }

  /** Keeps a record of the info level. */
  info(message: string, fields?: LogFields): void {
    this.#log.info(message, fields);
  }

  /** Keeps a record of the warn level. */
  warn(message: string, fields?: LogFields): void {
    this.#log.warn(message, fields);
  }

  /** Keeps a record of the error level. */
  error(message: string, fields?: LogFields): void {
    this.#log.error(message, fields);
  }

  /** A log whose records are kept here too, with `fields` added. */
  with(fields: LogFields): Log {
    return this.#log.with(fields);
  }
}
