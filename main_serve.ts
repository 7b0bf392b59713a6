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
import { runServer, type Security } from "./src/server.ts";
import { StopOrders } from "./src/stop_orders.ts";
import { Switch } from "./src/switch/mod.ts";
import { complain, FAILED, MISUSED, print, UNFIT, version } from "./main_say.ts";

const NO_FILE: ConfigFile = { values: new Map(), grants: {}, principals: [] };

/** What is logged, and the exit code, for each way in which a server ends. */
const ENDS = {
  drained: ["stopped: everything was finished", 0],
  cut: ["stopped: the rest was cut", FAILED],
  unfit: ["stopped by itself: it had threads that could not be killed. Start it again", UNFIT],
} as const;

/** What keeps a server from starting that its operator can mend: told in a sentence, without a stack. */
const CANNOT_START = [NetError, DirError, PoolError, Deno.errors.NotCapable];

/** Serves jobs until it is told to stop. Returns the exit code. */
export async function serve(args: readonly string[]): Promise<number> {
  try {
    const { vars, fs } = realEnv();
    const asked = parseConfig(args, vars);
    if (asked.kind === "help") return print(configHelp());
    if (asked.kind === "version") return print(version());
    const file = await readConfigFile(fs, asked.config.config);
    return await run(parseConfigWith(file, args, vars), file);
  } catch (error) {
    if (error instanceof ConfigError) return complain("serve", error, MISUSED);
    if (CANNOT_START.some((kind) => error instanceof kind)) return complain("serve", error, FAILED);
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

/** Hands SIGINT and SIGTERM to `orders` until `sw` ends. */
function obey(sw: Switch, signals: Signals, orders: StopOrders): void {
  const listener = signals.on(sw, ["SIGINT", "SIGTERM"]);
  sw.forkDaemon(async () => {
    for (;;) orders.receive((await listener.next()).name);
  });
}
