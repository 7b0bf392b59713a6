import type { Log, LogFields, LogLevel } from "./log.ts";
import { type LogFormat, logFormats, type LogRecord } from "./log_format.ts";

/** Options for a log that writes lines. */
export interface LineLogOptions {
  /**
   * `text` for people, `json` (one object a line) for programs.
   *
   * @default {"text"}
   */
  readonly format?: LogFormat;

  /**
   * The least level that is written.
   *
   * @default {"info"}
   */
  readonly level?: LogLevel;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log that gives each record, formatted as one line with its end, to `write`. */
export function lineLog(
  write: (line: string) => void,
  now: () => number,
  options: LineLogOptions = {},
): Log {
  const { format = "text", level: least = "info" } = options;
  const formatRecord = logFormats[format];
  const stacks = least === "debug";
  const isWritten = (level: LogLevel) => RANK[level] >= RANK[least];
  return recordLog((record) => write(`${formatRecord(record, stacks)}\n`), now, { isWritten });
}

/** Options for a log that gives records. */
export interface RecordLogOptions {
  /** Which records there are; for others none is made. All, where not told otherwise. */
  readonly isWritten?: (level: LogLevel) => boolean;
  /** The fields of every record. */
  readonly context?: LogFields;
}

/** A log that gives each record to `accept`. */
export function recordLog(
  accept: (record: LogRecord) => void,
  now: () => number,
  { isWritten = () => true, context = {} }: RecordLogOptions = {},
): Log {
  const at = (level: LogLevel) => {
    if (!isWritten(level)) return () => {};
    return (message: string, fields?: LogFields) =>
      accept({ time: now(), level, message, fields: fields ? { ...context, ...fields } : context });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => recordLog(accept, now, { isWritten, context: { ...context, ...fields } }),
  };
}
