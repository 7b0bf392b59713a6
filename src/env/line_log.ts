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
  return recordLog((record) => {
    if (RANK[record.level] >= RANK[least]) write(`${formatRecord(record, stacks)}\n`);
  }, now);
}

/** A log that gives each record, whatever its level, to `accept`. */
export function recordLog(
  accept: (record: LogRecord) => void,
  now: () => number,
  context: LogFields = {},
): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) =>
    accept({ time: now(), level, message, fields: fields ? { ...context, ...fields } : context });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => recordLog(accept, now, { ...context, ...fields }),
  };
}
