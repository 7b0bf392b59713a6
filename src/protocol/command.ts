import { type ForeignProtocol, foreignProtocol } from "./foreign.ts";
import { isInteger } from "./integer.ts";
import { isRpcLine } from "./json_rpc.ts";
import { nearest } from "./near.ts";

/** A line that asks for something. {@linkcode formatCommand} writes it. */
export type Request =
  | { readonly kind: "job"; readonly name: string; readonly text: string }
  | { readonly kind: "help"; readonly job: string | undefined }
  | { readonly kind: "jobs" }
  | { readonly kind: "cancel"; readonly number: number }
  | { readonly kind: "auth"; readonly token: string }
  | { readonly kind: "ping" }
  | { readonly kind: "stats"; readonly job: string | undefined }
  | { readonly kind: "quit" };

/** A line that asks for nothing we know. It is answered all the same. */
export type Misunderstanding =
  | { readonly kind: "invalid-number" }
  | {
    readonly kind: "unknown-job";
    readonly name: string;
    /** The job that was perhaps meant. */
    readonly suggestion: string | undefined;
  }
  | { readonly kind: "foreign"; readonly protocol: ForeignProtocol };

/** A line of JSON-RPC, for {@linkcode parseRpc}. */
export type RpcLine = { readonly kind: "rpc"; readonly line: string };

/** What a line of a client means. */
export type Command = Request | Misunderstanding | RpcLine;

/** What is spoken: everything, or only the number lines of the original service. */
export type Dialects = "all" | "numbers";

/** What {@linkcode parseCommand} must know of the server. */
export interface CommandOptions {
  /** What is spoken. */
  readonly dialects: Dialects;
  /** The names of all jobs. */
  readonly jobs: ReadonlySet<string>;
  /** The job that a number line goes to. */
  readonly defaultJob: string;
}

const JOB_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

const LOWER_A = 0x61;
const LOWER_Z = 0x7a;

/** The verbs that take nothing. They are in capitals, so that no job's name is one. */
const VERBS: ReadonlyMap<string, Request> = new Map<string, Request>([
  ["HELP", { kind: "help", job: undefined }],
  ["JOBS", { kind: "jobs" }],
  ["PING", { kind: "ping" }],
  ["STATS", { kind: "stats", job: undefined }],
  ["QUIT", { kind: "quit" }],
]);

/** The verbs that may be followed by a job's name. */
const ABOUT = /^(HELP|STATS) (.*)$/;

const AUTH = /^AUTH ([^ \t].*)$/;

const CANCEL = /^CANCEL ([1-9]\d{0,14})$/;

const INVALID_NUMBER: Command = { kind: "invalid-number" };

/**
 * What `line`, without its line end, asks for. It never throws: what is nothing known is
 * `invalid-number`, as in the original service, and what is nearly a job's name is `unknown-job`.
 *
 * One blank ends a job's name; further blanks belong to its text.
 *
 * @example
 * ```ts
 * import { parseCommand } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const options = {
 *   dialects: "all",
 *   jobs: new Set(["fib", "sha256"]),
 *   defaultJob: "fib",
 * } as const;
 *
 * assertEquals(parseCommand("30", options), { kind: "job", name: "fib", text: "30" });
 * assertEquals(parseCommand("sha256 a b", options), { kind: "job", name: "sha256", text: "a b" });
 * assertEquals(parseCommand("PING", options), { kind: "ping" });
 * assertEquals(parseCommand("forty-two", options), { kind: "invalid-number" });
 * ```
 */
export function parseCommand(line: string, options: CommandOptions): Command {
  if (isInteger(line)) return { kind: "job", name: options.defaultJob, text: line };
  if (options.dialects === "numbers") return INVALID_NUMBER;
  const first = line.charCodeAt(0);
  if (LOWER_A <= first && first <= LOWER_Z) return parseJobLine(line, options.jobs);
  if (isRpcLine(line)) return { kind: "rpc", line };
  return parseVerb(line, options.jobs) ?? parseCancel(line) ?? parseAuth(line) ??
    parseForeign(line) ?? INVALID_NUMBER;
}

/**
 * The line that asks for `request`, without a line end: {@linkcode parseCommand} reads it back,
 * where all dialects are spoken and the job is known. Throws a RangeError for what one line cannot
 * say.
 *
 * @example
 * ```ts
 * import { formatCommand } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatCommand({ kind: "job", name: "sha256", text: "hello" }), "sha256 hello");
 * assertEquals(formatCommand({ kind: "stats", job: "fib" }), "STATS fib");
 * ```
 */
export function formatCommand(request: Request): string {
  switch (request.kind) {
    case "job":
      return formatJobLine(request.name, request.text);
    case "help":
      return formatAbout("HELP", request.job);
    case "jobs":
      return "JOBS";
    case "cancel":
      return `CANCEL ${checkNumber(request.number)}`;
    case "auth":
      return `AUTH ${checkToken(request.token)}`;
    case "ping":
      return "PING";
    case "stats":
      return formatAbout("STATS", request.job);
    case "quit":
      return "QUIT";
  }
}

/** Whether `text` can be the name of a job. */
export function isJobName(text: string): boolean {
  return JOB_NAME.test(text);
}

function parseJobLine(line: string, jobs: ReadonlySet<string>): Command {
  const blank = line.indexOf(" ");
  const name = blank < 0 ? line : line.slice(0, blank);
  if (jobs.has(name)) return { kind: "job", name, text: line.slice(name.length + 1) };
  const suggestion = isJobName(name) ? nearest(name, jobs) : undefined;
  return suggestion === undefined ? INVALID_NUMBER : { kind: "unknown-job", name, suggestion };
}

function parseVerb(line: string, jobs: ReadonlySet<string>): Command | undefined {
  const [, verb, name = ""] = ABOUT.exec(line) ?? [];
  if (verb === undefined) return VERBS.get(line);
  if (jobs.has(name)) return { kind: verb === "HELP" ? "help" : "stats", job: name };
  if (!isJobName(name)) return undefined;
  return { kind: "unknown-job", name, suggestion: nearest(name, jobs) };
}

/** The wish of a line `CANCEL n`. */
export function parseCancel(line: string): Command | undefined {
  const [, digits] = CANCEL.exec(line) ?? [];
  return digits === undefined ? undefined : { kind: "cancel", number: Number(digits) };
}

function parseAuth(line: string): Command | undefined {
  const [, token] = AUTH.exec(line) ?? [];
  return token === undefined ? undefined : { kind: "auth", token: token.trimEnd() };
}

function parseForeign(line: string): Command | undefined {
  const protocol = foreignProtocol(line);
  return protocol === undefined ? undefined : { kind: "foreign", protocol };
}

function formatJobLine(name: string, text: string): string {
  if (text.includes("\n") || text.endsWith("\r")) {
    throw new RangeError(
      `Cannot write the command: the text for the job "${name}" holds a line end, and a command is one line`,
    );
  }
  return text === "" ? checkName(name) : `${checkName(name)} ${text}`;
}

function checkToken(token: string): string {
  if (/^\S(.*\S)?$/.test(token)) return token;
  throw new RangeError("Cannot write the command: a token is one line, without blanks at its ends");
}

function checkNumber(number: number): number {
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(
    `Cannot write the command: a request's number is a positive integer, got ${number}`,
  );
}

function formatAbout(verb: string, job: string | undefined): string {
  return job === undefined ? verb : `${verb} ${checkName(job)}`;
}

function checkName(name: string): string {
  if (isJobName(name)) return name;
  throw new RangeError(
    `Cannot write the command: a job's name is a lower-case letter and up to 62 letters, digits, "-" or "_", got ${
      JSON.stringify(name)
    }`,
  );
}
