/**
 * The configuration of `serve`: flags go before variables, variables before the file, and that
 * before defaults. What is unknown, said twice or out of range is an error, in one sentence.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { CALL_VARIABLES } from "./call_flags.ts";
import {
  type Config,
  type Option,
  OPTION_KEYS,
  OPTIONS,
  VARIABLE_PREFIX,
  variableOf,
} from "./config_options.ts";
import { ConfigError, unknownName } from "./config_error.ts";
import type { ConfigFile, Given } from "./config_file.ts";
import type { Vars } from "./env/mod.ts";

export { ConfigError } from "./config_error.ts";
export { type ConfigFile, parseConfigFile } from "./config_file.ts";
export { endpointsOf, readSecurity, type SecuritySources } from "./config_security.ts";
export { configHelp, configTable } from "./config_help.ts";
export { isLoopback, type ListenPlace } from "./config_listen.ts";
export { type Config, DEFAULT_FILE } from "./config_options.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "serve"; readonly config: Config }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** Flags without their dashes, and what was given to them. */
type Flags = ReadonlyMap<string, Given>;

const FLAGS = OPTION_KEYS.map((key) => OPTIONS[key].flag);

/** Flags that may be said several times. */
const REPEATED = OPTION_KEYS.map((key): Option<unknown> => OPTIONS[key])
  .filter(({ many }) => many).map(({ flag }) => flag);

/** Flags whose being there says `on`. */
const SAID = OPTION_KEYS.filter((key) => OPTIONS[key].kind.placeholder === "")
  .map((key) => OPTIONS[key].flag);

/** Flags that take no value, and go before all else. */
const WORDS = ["help", "version"] as const;

/**
 * What the arguments after `serve`, and the variables, ask for, as if there were no file. Throws a
 * {@linkcode ConfigError} that names the flag or the variable, its value, and what it may be.
 */
export function parseConfig(args: readonly string[], vars: Vars): Invocation {
  const tokens = tokenize(args);
  const word = WORDS.find((name) => tokens.some((token) => isFlag(token) && token.name === name));
  if (word !== undefined) return { kind: word };
  return {
    kind: "serve",
    config: parseConfigWith({ values: new Map(), grants: {}, principals: [] }, args, vars),
  };
}

/** The same with a file, which goes before the defaults. Throws for its values too. */
export function parseConfigWith(file: ConfigFile, args: readonly string[], vars: Vars): Config {
  const flags = readFlags(tokenize(args));
  checkVariables(vars);
  return readConfig(flags, vars, file);
}

type Token = NonNullable<ReturnType<typeof tokenize>>[number];

function tokenize(args: readonly string[]) {
  const values = Object.fromEntries(
    FLAGS.map((flag) => [flag, { type: SAID.includes(flag) ? "boolean" : "string" }] as const),
  );
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
    if (!FLAGS.includes(name)) throw unknownFlag(source);
    if (text === undefined) throw new ConfigError(`Cannot use ${source} without a value`);
    const before = flags.get(name);
    if (before !== undefined && !REPEATED.includes(name)) {
      throw new ConfigError(`Cannot use ${source} twice: give one value`);
    }
    flags.set(name, { source, text: before === undefined ? text : `${before.text},${text}` });
  }
  return flags;
}

function unknownFlag(source: string): ConfigError {
  return unknownName("flag", source, FLAGS.map((flag) => `--${flag}`), "see --help");
}

/** A flag is no value of the flag before it, unless `=` says so. */
function valueOf(token: Extract<Token, { kind: "option" }>): string | undefined {
  const { name, value, inlineValue } = token;
  if (value === undefined && SAID.includes(name)) return "on";
  return !inlineValue && value?.startsWith("--") ? undefined : value;
}

function checkVariables(vars: Vars): void {
  const known = FLAGS.map(variableOf);
  const stranger = vars.names(VARIABLE_PREFIX)
    .find((name) => !known.includes(name) && !CALL_VARIABLES.includes(name));
  if (stranger !== undefined) throw unknownName("variable", stranger, known, "see --help");
}

function readConfig(flags: Flags, vars: Vars, file: ConfigFile): Config {
  const read = <K extends keyof Config>(key: K): Config[K] => {
    const option: Option<Config[K]> = OPTIONS[key];
    return parseGiven(option, find(option.flag, flags, vars, file) ?? defaultOf(option));
  };
  return {
    config: read("config"),
    listen: read("listen"),
    reusePort: read("reusePort"),
    unixMode: read("unixMode"),
    tlsCert: read("tlsCert"),
    tlsKey: read("tlsKey"),
    tlsClientCa: read("tlsClientCa"),
    tokens: read("tokens"),
    insecure: read("insecure"),
    cores: read("cores"),
    deadlineMs: read("deadlineMs"),
    graceMs: read("graceMs"),
    memoryMb: read("memoryMb"),
    isolation: read("isolation"),
    onStuck: read("onStuck"),
    maxStuck: read("maxStuck"),
    jobs: read("jobs"),
    watch: read("watch"),
    maxConnections: read("maxConnections"),
    maxInFlight: read("maxInFlight"),
    rate: read("rate"),
    lineMs: read("lineMs"),
    idleMs: read("idleMs"),
    maxQueue: read("maxQueue"),
    maxQueueMs: read("maxQueueMs"),
    maxLaneJobs: read("maxLaneJobs"),
    maxLaneAgeMs: read("maxLaneAgeMs"),
    coalesce: read("coalesce"),
    cacheMs: read("cacheMs"),
    cacheEntries: read("cacheEntries"),
    cacheMb: read("cacheMb"),
    maxLineBytes: read("maxLineBytes"),
    maxReplyBytes: read("maxReplyBytes"),
    maxPendingBytes: read("maxPendingBytes"),
    stallMs: read("stallMs"),
    maxProtocolErrors: read("maxProtocolErrors"),
    dialects: read("dialects"),
    drainMs: read("drainMs"),
    logFormat: read("logFormat"),
    logLevel: read("logLevel"),
  };
}

function find(flag: string, flags: Flags, vars: Vars, file: ConfigFile): Given | undefined {
  const source = variableOf(flag);
  const text = vars.get(source);
  return flags.get(flag) ?? (text ? { source, text } : file.values.get(flag));
}

function defaultOf(option: Option<unknown>): Given {
  return { source: `the default of --${option.flag}`, text: option.default };
}

function parseGiven<T>({ kind }: Option<T>, { source, text }: Given): T {
  const value = kind.parse(text);
  if (value !== undefined) return value;
  throw new ConfigError(`Cannot use ${source} ${quote(text)}: it takes ${kind.allowed}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
