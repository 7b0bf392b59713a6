/**
 * The program. It takes authority once: arguments, variables, the real environment, signals. What
 * it does with them is in `src/`.
 *
 * @module
 */

import { runCall } from "./src/call.ts";
import { callHelp, parseCall } from "./src/call_flags.ts";
import { CallError } from "./src/client/mod.ts";
import {
  type Config,
  ConfigError,
  type ConfigFile,
  configHelp,
  DEFAULT_FILE,
  endpointsOf,
  parseConfig,
  parseConfigFile,
  parseConfigWith,
  readSecurity,
} from "./src/config.ts";
import { type Dir, DirError, type Env, NetError, realEnv, type Signals } from "./src/env/mod.ts";
import { PoolError } from "./src/pool/mod.ts";
import type { Terminal } from "./src/progress_line.ts";
import { runServer, type Security } from "./src/server.ts";
import { StopOrders } from "./src/stop_orders.ts";
import { Switch } from "./src/switch/mod.ts";
import config from "./deno.json" with { type: "json" };

const HELP = `Switchyard: lines in, results out; every job on a core of its own.

Usage: main.ts serve [flags]               serve jobs on a port
       main.ts call [flags] JOB [TEXT...]  call a job on a server
       main.ts serve --help, call --help   their flags
       main.ts --version
`;

const NO_FILE: ConfigFile = { values: new Map(), grants: {}, principals: [] };

/** Exit codes: 1 for a failure, 2 for a wrong call, 3 where a restart is asked for. */
const FAILED = 1;
const MISUSED = 2;
const UNFIT = 3;

/** Where a call cannot begin: the exit code of one whose connection is lost. */
const NOT_CONNECTED = 4;

/** What is logged, and the exit code, for each way in which a server ends. */
const ENDS = {
  drained: ["stopped: everything was finished", 0],
  cut: ["stopped: the rest was cut", FAILED],
  unfit: ["stopped by itself: it had threads that could not be killed. Start it again", UNFIT],
} as const;

/** What keeps a server from starting that its operator can mend: told in a sentence, without a stack. */
const CANNOT_START = [NetError, DirError, PoolError, Deno.errors.NotCapable];

async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case "serve":
      return await serve(args);
    case "call":
      return await call(args);
    case "--version":
      return print(version());
    case "--help":
    case "-h":
      return print(HELP);
    default:
      console.error(
        command === undefined ? HELP : `switchyard: Cannot do "${command}": see --help`,
      );
      return MISUSED;
  }
}

async function serve(args: readonly string[]): Promise<number> {
  try {
    const { vars, fs } = realEnv();
    const asked = parseConfig(args, vars);
    if (asked.kind === "help") return print(configHelp());
    if (asked.kind === "version") return print(version());
    const file = await readConfigFile(fs, asked.config.config);
    return await run(parseConfigWith(file, args, vars), file);
  } catch (error) {
    if (error instanceof ConfigError) return complain(error, MISUSED);
    if (CANNOT_START.some((kind) => error instanceof kind)) return complain(error, FAILED);
    throw error;
  }
}

async function readConfigFile(fs: Dir, name: string): Promise<ConfigFile> {
  const file = await findConfigFile(fs, name);
  return file === undefined ? NO_FILE : parseConfigFile(file.text, file.path);
}

/** The configuration file: the one that was named, or the one in the working folder if there is one. */
async function findConfigFile(fs: Dir, name: string) {
  if (name === "none") return undefined;
  try {
    return { text: await readFile(fs, name, "config"), path: absolute(name) };
  } catch (error) {
    if (!(error instanceof DirError)) throw error;
    if (name === DEFAULT_FILE && error.code === "not-found") return undefined;
    throw error;
  }
}

/** The text of a file that a flag names. */
async function readFile(fs: Dir, name: string, flag: string): Promise<string> {
  try {
    return await fs.readText(absolute(name).slice(1));
  } catch (error) {
    if (!(error instanceof DirError)) throw error;
    const what = name === DEFAULT_FILE ? `read ${name}` : `use --${flag} "${name}"`;
    const sentence = error.message.replace(/^Cannot .*?": /, `Cannot ${what}: `);
    throw new DirError(error.code, sentence, { cause: error.cause });
  }
}

async function run(config: Config, { grants, principals }: ConfigFile): Promise<number> {
  const env = realEnv({ log: { format: config.logFormat, level: config.logLevel } });
  const { cores, jobs, cacheMs, cacheEntries, cacheMb, rate, idleMs, ...others } = config;
  const { maxQueueMs, maxLaneJobs, maxLaneAgeMs, ...rest } = others;
  const orders = new StopOrders(env.clock);
  const end = await Switch.run(async (sw) => {
    obey(sw, env.signals, orders);
    return await runServer(env, {
      ...rest,
      listen: endpointsOf(config, env.vars, Deno.pid),
      security: () => security(env, config),
      ...(isReloadable(config, principals) ? { reloads: env.signals.on(sw, ["SIGHUP"]) } : {}),
      grants,
      maxQueueMs: orNever(maxQueueMs),
      maxLaneJobs: orNever(maxLaneJobs),
      maxLaneAgeMs: orNever(maxLaneAgeMs),
      ...(rate === "off" ? {} : { rate }),
      ...(idleMs === "off" ? {} : { idleMs }),
      ...(cores === "all" ? {} : { cores }),
      ...(cacheMs === "off"
        ? {}
        : { cache: { ttlMs: cacheMs, maxEntries: cacheEntries, maxBytes: cacheMb * 2 ** 20 } }),
      jobs: await jobsDir(env.fs, jobs),
      stop: orders.stop,
      cut: orders.cut,
    });
  });
  const [message, code] = ENDS[end];
  env.log.info(message);
  return code;
}

function orNever(limit: number | "off"): number {
  return limit === "off" ? Infinity : limit;
}

/** Certificates, and who may ask: read at the start, and again with each SIGHUP. */
async function security({ fs, vars }: Env, config: Config): Promise<Security> {
  return await readSecurity(config, {
    vars,
    read: (name, flag) => readFile(fs, name, flag),
    readConfig: () => findConfigFile(fs, config.config),
  });
}

/** Whether there is something to read again. If not, SIGHUP ends the program, as a terminal wants. */
function isReloadable({ tlsCert, tokens }: Config, { length }: ConfigFile["principals"]): boolean {
  return tlsCert !== "none" || tokens !== "none" || length > 0;
}

/** The folder of job files: the one beside this file, or the one that was named. */
async function jobsDir(fs: Dir, jobs: string): Promise<Dir> {
  const path = jobs === "built-in"
    ? decodeURIComponent(new URL("./workers/", import.meta.url).pathname)
    : jobs;
  try {
    return await fs.subtree(absolute(path).slice(1));
  } catch (error) {
    if (!(error instanceof DirError)) throw error;
    const sentence = error.message.replace(/^Cannot open ".*?": /, `Cannot use --jobs "${jobs}": `);
    throw new DirError(error.code, sentence, { cause: error.cause });
  }
}

function absolute(path: string): string {
  const parts = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  return `/${parts.split("/").reduce(resolveDots, []).join("/")}`;
}

function resolveDots(parts: string[], part: string): string[] {
  if (part === "..") return parts.slice(0, -1);
  return part === "" || part === "." ? parts : [...parts, part];
}

async function call(args: readonly string[]): Promise<number> {
  const { vars, net, clock, signals, cwd } = realEnv();
  try {
    const invocation = parseCall(args, vars);
    if (invocation.kind === "help") return print(callHelp());
    const { stdin, stdout } = Deno;
    const env = { net, clock, signals, cwd, stdin, stdout, stderr: terminal() };
    return await runCall(env, invocation.config);
  } catch (error) {
    if (error instanceof ConfigError) return complain(error, MISUSED);
    if (error instanceof CallError) return complain(error, NOT_CONNECTED);
    if (CANNOT_START.some((kind) => error instanceof kind)) return complain(error, NOT_CONNECTED);
    throw error;
  }
}

/** The standard error stream, for people to look at if it is a terminal. */
function terminal(): Terminal {
  const { stderr } = Deno;
  const isTerminal = stderr.isTerminal();
  return {
    isTerminal,
    columns: (isTerminal && Deno.consoleSize().columns) || 80, // some terminals do not know
    write: (data) => stderr.write(data),
  };
}

/** Hands SIGINT and SIGTERM to `orders` until `sw` ends. */
function obey(sw: Switch, signals: Signals, orders: StopOrders): void {
  const listener = signals.on(sw, ["SIGINT", "SIGTERM"]);
  sw.forkDaemon(async () => {
    for (;;) orders.receive((await listener.next()).name);
  });
}

function version(): string {
  return `switchyard ${config.version} (deno ${Deno.version.deno}, v8 ${Deno.version.v8})\n`;
}

function print(text: string): number {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return 0;
}

function complain(error: unknown, code: number): number {
  console.error(`switchyard: ${sentenceOf(error)}`);
  return code;
}

/** What went wrong; where a permission of Deno is missing, which. */
function sentenceOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  const { message, cause } = error;
  if (error instanceof Deno.errors.NotCapable) return `Cannot serve: ${message}`;
  return cause instanceof Deno.errors.NotCapable ? `${message}: ${cause.message}` : message;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
