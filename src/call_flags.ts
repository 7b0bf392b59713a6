/**
 * The command line of `call`: flags go before variables, variables before defaults. What is unknown
 * or out of range is an error, in one sentence.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ConfigError, unknownName } from "./config_error.ts";
import { choice, count, duration, file, type ValueKind } from "./config_kinds.ts";
import { address } from "./config_listen.ts";
import type { Address, Vars } from "./env/mod.ts";
import { JOB_PRIORITIES, type JobPriority } from "./job/mod.ts";

/** What `call` is to do. */
export interface CallConfig {
  /** The job that is called. */
  readonly job: string;
  /** Its text, or JSON; `undefined`: a call for each line of standard input. */
  readonly text: string | undefined;
  /** Whether inputs and results are JSON. */
  readonly json: boolean;
  readonly server: Address;
  readonly tls: boolean;
  /** Files: the authorities of the server's certificate, our certificate and key, our token. */
  readonly authorities: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
  readonly deadlineMs: number | undefined;
  readonly priority: JobPriority | undefined;
  readonly maxInFlight: number;
}

/** What a command line asks for. */
export type CallInvocation =
  | { readonly kind: "call"; readonly config: CallConfig }
  | { readonly kind: "help" };

interface CallFlag {
  readonly kind: ValueKind<unknown>;
  readonly help: string;
  readonly variable?: string;
  readonly default?: string;
}

const FLAGS = {
  server: {
    kind: address,
    help: "where the server listens",
    variable: "SWITCHYARD_SERVER",
    default: "127.0.0.1:8080",
  },
  deadline: { kind: duration("1ms", "24h"), help: "how long the job may run" },
  priority: { kind: choice(...JOB_PRIORITIES), help: "how urgent it is" },
  "max-in-flight": {
    kind: count(1, 100_000),
    help: "how many lines of standard input are under way at a time",
    default: "64",
  },
  token: {
    kind: file,
    help: "a file that holds the token for a server that asks for one",
    variable: "SWITCHYARD_TOKEN_FILE",
  },
  authorities: {
    kind: file,
    help: "the authorities that the server's certificate must be of, as PEM",
  },
  cert: { kind: file, help: "our own certificate, as PEM" },
  key: { kind: file, help: "its private key, as PEM" },
} satisfies Readonly<Record<string, CallFlag>>;

type FlagName = keyof typeof FLAGS;

/** The variables that `call` reads, which are none of the server's. */
export const CALL_VARIABLES: readonly string[] = Object.values<CallFlag>(FLAGS)
  .flatMap(({ variable }) => variable === undefined ? [] : [variable]);

const SWITCHES = {
  json: "inputs and results are JSON, not text",
  tls: "speak TLS; so do --authorities and --cert",
  help: "this text",
} as const;

/** What `call --help` prints. */
export function callHelp(): string {
  const rows = [
    ...Object.entries<CallFlag>(FLAGS).map(([name, flag]) => [
      `--${name} ${flag.kind.placeholder}`,
      flag.help + (flag.default === undefined ? "" : ` (${flag.default})`),
    ]),
    ...Object.entries(SWITCHES).map(([name, help]) => [`--${name}`, help]),
  ];
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return [
    "Calls a job on a server, and prints its result.",
    "",
    "Usage: call [flags] JOB TEXT...   one call: the rest of the line is its text",
    "       call [flags] JOB           a call for each line of standard input, results in their order",
    "",
    "Flags go before the job's name. What looks like one is text after --: call JOB -- --json",
    "",
    ...rows.map(([left = "", right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
    "Ctrl-C cancels the job, and says how it stopped; once more leaves at once.",
    "",
    "Exit codes: 0 done; 1 the job failed or refused its input; 2 a wrong call; 3 the server refused,",
    "try again; 4 no connection, or lost: the job may have run; 5 the job was stopped or has died;",
    "130 cancelled by Ctrl-C. Of several lines the worst.",
    "",
  ].join("\n");
}

/** What the arguments after `call` ask for. Throws a {@linkcode ConfigError} for what is wrong. */
export function parseCall(args: readonly string[], vars: Vars): CallInvocation {
  const { given, on, job, words } = readArgs(args);
  if (on.has("help")) return { kind: "help" };
  if (job === undefined) throw new ConfigError("Cannot call nothing: name a job, see --help");
  const value = <T>(name: FlagName) => parseFlag(name, given, vars) as T | undefined;
  const authorities = value<string>("authorities");
  const cert = value<string>("cert");
  const key = value<string>("key");
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError("Cannot use one of --cert and --key alone: give both");
  }
  return {
    kind: "call",
    config: {
      job,
      text: words.length === 0 ? undefined : words.join(" "),
      json: on.has("json"),
      server: value<Address>("server")!,
      tls: on.has("tls") || authorities !== undefined || cert !== undefined,
      authorities,
      cert,
      key,
      token: value("token"),
      deadlineMs: value("deadline"),
      priority: value("priority"),
      maxInFlight: value<number>("max-in-flight")!,
    },
  };
}

interface Args {
  readonly given: ReadonlyMap<string, string>;
  readonly on: ReadonlySet<string>;
  readonly job: string | undefined;
  /** What follows it. */
  readonly words: readonly string[];
}

/** Flags end at the job. What follows is its text, whatever it looks like if `--` says so. */
function readArgs(args: readonly string[]): Args {
  const end = endOfFlags(args);
  const given = new Map<string, string>();
  const on = new Set<string>();
  for (const token of tokenize(args.slice(0, end))) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (name in SWITCHES) on.add(name);
    else if (!(name in FLAGS)) throw unknownName("flag", rawName, flagNames(), "see --help");
    else if (value === undefined) throw new ConfigError(`Cannot use ${rawName} without a value`);
    else given.set(name, value);
  }
  const isMarked = args[end] === "--";
  const [job, ...words] = args.slice(isMarked ? end + 1 : end);
  if (isMarked) return { given, on, job, words };
  if (words[0] === "--") return { given, on, job, words: words.slice(1) };
  refuseFlags(words);
  return { given, on, job, words };
}

/**
 * A flag of ours behind the job is more likely meant as one than as text; and a call that took it for
 * text would go, without a word, to another server than was meant.
 */
function refuseFlags(words: readonly string[]): void {
  const flags = flagNames();
  const flag = words.map((word) => word.split("=", 1)[0]!).find((name) => flags.includes(name));
  if (flag === undefined) return;
  throw new ConfigError(
    `Cannot use ${flag} behind the job: flags go before its name; if it is meant as text, put -- right behind the name`,
  );
}

function endOfFlags(args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith("-") || arg === "--") return i;
    if (arg.slice(2) in FLAGS) i++;
  }
  return args.length;
}

function tokenize(args: readonly string[]) {
  const strings = Object.keys(FLAGS).map((name) => [name, { type: "string" as const }]);
  const booleans = Object.keys(SWITCHES).map((name) => [name, { type: "boolean" as const }]);
  const options = { ...Object.fromEntries([...strings, ...booleans]) };
  const help = { type: "boolean", short: "h" } as const;
  return parseArgs({
    args: [...args],
    options: { ...options, help },
    strict: false, // its sentences name no remedy: ours do
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function flagNames(): string[] {
  return [...Object.keys(FLAGS), ...Object.keys(SWITCHES)].map((name) => `--${name}`);
}

function parseFlag(name: FlagName, given: ReadonlyMap<string, string>, vars: Vars): unknown {
  const flag: CallFlag = FLAGS[name];
  const { source, text } = find(name, flag, given, vars);
  if (text === undefined) return undefined;
  const value = flag.kind.parse(text);
  if (value !== undefined) return value;
  const quoted = JSON.stringify(text);
  throw new ConfigError(`Cannot use ${source} ${quoted}: it takes ${flag.kind.allowed}`);
}

function find(
  name: string,
  { variable, default: otherwise }: CallFlag,
  given: ReadonlyMap<string, string>,
  vars: Vars,
): { source: string; text: string | undefined } {
  const flag = given.get(name);
  if (flag !== undefined) return { source: `--${name}`, text: flag };
  const text = variable === undefined ? undefined : vars.get(variable);
  return text ? { source: variable!, text } : { source: `--${name}`, text: otherwise };
}
