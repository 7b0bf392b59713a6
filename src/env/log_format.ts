import type { LogFields, LogLevel } from "./log.ts";

/** How the lines of a log look: `text` for people, `json` for programs. */
export type LogFormat = "text" | "json";

/** One call of a log, before it is formatted. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;

  /** How much it matters. */
  readonly level: LogLevel;

  /** What happened, in words. */
  readonly message: string;

  /** What it happened to, for programs. */
  readonly fields: LogFields;
}

/** The formats by name. A formatted record is one line, whatever it holds, without its end. */
export const logFormats: Readonly<
  Record<LogFormat, (record: LogRecord, stacks: boolean) => string>
> = { text: formatText, json: formatJson };

/**
 * What could end a line, move a terminal's cursor, or turn the direction of writing: a client that
 * gets its own text into the log must not be able to forge a line of it.
 */
// deno-lint-ignore no-control-regex -- finding control characters is the purpose
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A text value that is readable without quotes. */
const PLAIN = /^[^\s"=\\]+$/u;

/** Keys that belong to the record itself: a field of the same name gets a `_` behind. */
const RESERVED: ReadonlySet<string> = new Set(["time", "level", "message"]);

function formatText(record: LogRecord, stacks: boolean): string {
  const level = record.level.toUpperCase().padEnd(5);
  const fields = Object.entries(record.fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${escape(key)}=${quote(textOf(value, stacks))}`);
  return `${timeOf(record)} ${level} ${escape(record.message)}${fields.join("")}`;
}

function formatJson(record: LogRecord, stacks: boolean): string {
  const fields = Object.entries(record.fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `,${JSON.stringify(keyOf(key))}:${jsonOf(value, stacks)}`);
  const head = `"time":"${timeOf(record)}","level":"${record.level}"`;
  return escape(`{${head},"message":${JSON.stringify(record.message)}${fields.join("")}}`);
}

function timeOf(record: LogRecord): string {
  return new Date(record.time).toISOString();
}

function keyOf(key: string): string {
  return RESERVED.has(key) ? `${key}_` : key;
}

function quote(text: string): string {
  return PLAIN.test(text) && text.search(UNSAFE) < 0 ? text : escape(JSON.stringify(text));
}

function escape(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function textOf(value: unknown, stacks: boolean): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return describeError(value, stacks);
  return typeof value === "object" && value !== null ? jsonOf(value, stacks) : String(value);
}

function jsonOf(value: unknown, stacks: boolean): string {
  try {
    return JSON.stringify(value, (_key, part) => jsonPart(part, stacks)) ?? "null";
  } catch {
    return '"(not representable)"'; // a cycle, a throwing getter: a log line must not fail a job
  }
}

function jsonPart(part: unknown, stacks: boolean): unknown {
  if (typeof part === "bigint") return String(part);
  if (part instanceof Error) return describeError(part, stacks);
  return part;
}

/** The error's message, its parts' and its causes' messages, or their stacks where asked for. */
function describeError(error: Error, stacks: boolean, seen: ReadonlySet<unknown> = new Set()) {
  if (stacks && error.stack !== undefined) return stacksOf(error);
  let text = error.message || error.name;
  const within = new Set(seen).add(error);
  if (error instanceof AggregateError) {
    const parts = error.errors.filter((part) => !within.has(part));
    text += ` (${parts.map((part) => describe(part, within)).join("; ")})`;
  }
  if (error.cause !== undefined && !within.has(error.cause)) {
    const because = describe(error.cause, within);
    if (!text.endsWith(because)) text += `, because: ${because}`; // context is followed by it already
  }
  return text;
}

function stacksOf(error: Error): string {
  const errors = new Set<Error>(); // causes can run in a circle
  for (let each: unknown = error; each instanceof Error && !errors.has(each); each = each.cause) {
    errors.add(each);
  }
  return Array.from(errors, ({ stack, message }) => stack ?? message).join("\nCaused by: ");
}

function describe(thrown: unknown, seen: ReadonlySet<unknown>): string {
  return thrown instanceof Error ? describeError(thrown, false, seen) : String(thrown);
}
