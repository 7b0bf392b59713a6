import type { JobLog, JobLogFields } from "../../src/job/mod.ts";
import type { TalkLevel } from "../../src/pool/link/mod.ts";
import { inspect } from "node:util";

/** How many lines one run may log; what comes after is dropped, and said to be. */
export const MAX_LOGS = 100;

/** How long a message, or the text of a field, may be; a longer one is cut. */
const MAX_LENGTH = 4_096;

/** How many fields a line may have. */
const MAX_FIELDS = 32;

/** Takes a line of a run's log. */
export type SendLog = (level: TalkLevel, message: string, fields: JobLogFields) => void;

/** The log of one run, bounded. */
export function jobLogger(send: SendLog): JobLog {
  let lines = 0;
  const write = (level: TalkLevel) => (message: string, fields: JobLogFields = {}) => {
    if (++lines > MAX_LOGS + 1) return;
    if (lines <= MAX_LOGS) return send(level, cut(String(message)), plain(fields));
    send("warn", `it logged more than ${MAX_LOGS} lines; the rest is dropped`, {});
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/** The fields as every way to the server can carry them. */
function plain(fields: JobLogFields): JobLogFields {
  const entries = Object.entries(fields).slice(0, MAX_FIELDS);
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  return cut(Error.isError(value) ? `${value.name}: ${value.message}` : inspect(value));
}

function cut(text: string): string {
  return text.slice(0, MAX_LENGTH);
}
