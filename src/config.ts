/**
 * The configuration of `serve`: flags go before variables, variables before defaults. What is
 * unknown, said twice or out of range is an error, in one sentence.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  type Config,
  type Option,
  OPTION_KEYS,
  OPTIONS,
  VARIABLE_PREFIX,
  variableOf,
} from "./config_options.ts";
import type { Vars } from "./env/mod.ts";
import { nearest } from "./protocol/mod.ts";

export { configHelp, configTable } from "./config_help.ts";
export { isLoopback } from "./config_kinds.ts";
export type { Config } from "./config_options.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "serve"; readonly config: Config }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** The configuration is wrong. The message is the sentence for the operator. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
}

/** A value as somebody wrote it, and where. */
interface Given {
  readonly source: string;
  readonly text: string;
}

/** Flags without their dashes, and what was given to them. */
type Flags = ReadonlyMap<string, Given>;

const FLAGS = OPTION_KEYS.map((key) => OPTIONS[key].flag);

/** Flags that take no value, and go before all else. */
const WORDS = ["help", "version"] as const;

/**
 * What the arguments after `serve`, and the variables, ask for. Throws a {@linkcode ConfigError}
 * that names the flag or the variable, its value, and what it may be.
 */
export function parseConfig(args: readonly string[], vars: Vars): Invocation {
  const tokens = tokenize(args);
  const word = WORDS.find((name) => tokens.some((token) => isFlag(token) && token.name === name));
  if (word !== undefined) return { kind: word };
  const flags = readFlags(tokens);
  checkVariables(vars);
  return { kind: "serve", config: readConfig(flags, vars) };
}

type Token = NonNullable<ReturnType<typeof tokenize>>[number];

function tokenize(args: readonly string[]) {
  const values = Object.fromEntries(FLAGS.map((flag) => [flag, { type: "string" as const }]));
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...values, help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
    strict: false, // its sentences name no remedy: ours do
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function isFlag(token: Token): token is Extract<Token, { kind: "option" }> {
  return token.kind === "option";
}

function readFlags(tokens: readonly Token[]): Flags {
  const flags = new Map<string, Given>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new ConfigError(`Cannot use ${quote(token.value)}: serve takes flags only, see --help`);
    }
    const { name, rawName: source } = token;
    const text = valueOf(token);
    if (!FLAGS.includes(name)) throw unknown("flag", source, FLAGS.map((flag) => `--${flag}`));
    if (flags.has(name)) throw new ConfigError(`Cannot use ${source} twice: give one value`);
    if (text === undefined) throw new ConfigError(`Cannot use ${source} without a value`);
    flags.set(name, { source, text });
  }
  return flags;
}

/** A flag is no value of the flag before it, unless `=` says so. */
function valueOf({ value, inlineValue }: Extract<Token, { kind: "option" }>): string | undefined {
  return !inlineValue && value?.startsWith("--") ? undefined : value;
}

function checkVariables(vars: Vars): void {
  const known = FLAGS.map(variableOf);
  const stranger = vars.names(VARIABLE_PREFIX).find((name) => !known.includes(name));
  if (stranger !== undefined) throw unknown("variable", stranger, known);
}

function readConfig(flags: Flags, vars: Vars): Config {
  const read = <K extends keyof Config>(key: K): Config[K] => {
    const option: Option<Config[K]> = OPTIONS[key];
    return parseGiven(option, find(option.flag, flags, vars) ?? defaultOf(option));
  };
  return {
    listen: read("listen"),
    cores: read("cores"),
    deadlineMs: read("deadlineMs"),
    graceMs: read("graceMs"),
    memoryMb: read("memoryMb"),
    isolation: read("isolation"),
    onStuck: read("onStuck"),
    maxStuck: read("maxStuck"),
    jobs: read("jobs"),
    maxConnections: read("maxConnections"),
    maxInFlight: read("maxInFlight"),
    maxQueue: read("maxQueue"),
    maxLineBytes: read("maxLineBytes"),
    maxReplyBytes: read("maxReplyBytes"),
    maxProtocolErrors: read("maxProtocolErrors"),
    dialects: read("dialects"),
    drainMs: read("drainMs"),
    logFormat: read("logFormat"),
    logLevel: read("logLevel"),
  };
}

function find(flag: string, flags: Flags, vars: Vars): Given | undefined {
  const source = variableOf(flag);
  const text = vars.get(source);
  return flags.get(flag) ?? (text ? { source, text } : undefined);
}

function defaultOf(option: Option<unknown>): Given {
  return { source: `the default of --${option.flag}`, text: option.default };
}

function parseGiven<T>({ kind }: Option<T>, { source, text }: Given): T {
  const value = kind.parse(text);
  if (value !== undefined) return value;
  throw new ConfigError(`Cannot use ${source} ${quote(text)}: it takes ${kind.allowed}`);
}

function unknown(what: string, name: string, known: readonly string[]): ConfigError {
  const near = nearest(name, known);
  const remedy = near === undefined ? "see --help" : `did you mean ${near}?`;
  return new ConfigError(`Cannot use ${name}: there is no such ${what}; ${remedy}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
