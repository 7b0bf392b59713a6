import {
  choice,
  count,
  directory,
  duration,
  either,
  file,
  fileMode,
  onOrOff,
  rate,
  said,
  type ValueKind,
} from "./config_kinds.ts";
import { type ListenPlace, listenPlaces } from "./config_listen.ts";
import type { LogFormat, LogLevel } from "./env/mod.ts";
import type { OnStuck } from "./pool/mod.ts";
import type { Dialects } from "./protocol/mod.ts";

/** How `serve` is to serve: every value is there, and within its limits. */
export interface Config {
  /** The configuration file; `none` for none. */
  readonly config: string;
  /** Where to listen. */
  readonly listen: readonly ListenPlace[];
  /** Whether other servers may listen on the same TCP ports. */
  readonly reusePort: boolean;
  /** The permissions of the files of Unix sockets. */
  readonly unixMode: number;
  /** The file of the certificate that the server shows where it speaks TLS. */
  readonly tlsCert: string;
  /** The file of its private key. */
  readonly tlsKey: string;
  /** The file of the authorities whose clients are let in; `none`: clients need no certificate. */
  readonly tlsClientCa: string;
  /** Where those stand who may use the server: a file, or a variable, `env:NAME`. */
  readonly tokens: string;
  /** Whether to listen where others reach it without asking who they are. */
  readonly insecure: boolean;
  /** How many jobs run at once; `all`: as many as the machine has cores. */
  readonly cores: number | "all";
  /** How long a job may run, from its start. */
  readonly deadlineMs: number;
  /** How long a job that was asked to stop may take, before it is killed. */
  readonly graceMs: number;
  /** The heap of each lane, in MiB. */
  readonly memoryMb: number;
  /** What jobs run in; `auto`: workers where the self-test can kill them, else processes. */
  readonly isolation: "auto" | "worker" | "process";
  /** What is done about a lane that was killed and did not end. */
  readonly onStuck: OnStuck;
  /** How many such lanes there may be before the server drains, to be restarted. */
  readonly maxStuck: number;
  /** The folder of the job files; `built-in`: the one that comes with the program. */
  readonly jobs: string;
  /** Whether job files that change are taken up while it serves. */
  readonly watch: boolean;
  /** How many clients are served at once. */
  readonly maxConnections: number;
  /** How many requests of one client are under way before it is not read. */
  readonly maxInFlight: number;
  /** How many requests a second a client may make in the long run. */
  readonly rate: number | "off";
  /** How long a client may take to end a line that it has begun. */
  readonly lineMs: number;
  /** How long a client may say nothing, while nothing of it is under way. */
  readonly idleMs: number | "off";
  /** How many requests wait for a core before the next is refused; of one client, half as many. */
  readonly maxQueue: number;
  /** How long a request may wait for a core. */
  readonly maxQueueMs: number | "off";
  /** After how many runs a lane is renewed. */
  readonly maxLaneJobs: number | "off";
  /** After how long a lane is renewed. */
  readonly maxLaneAgeMs: number | "off";
  /** Whether identical requests for pure jobs share a run. */
  readonly coalesce: boolean;
  /** How long results of pure jobs are kept. */
  readonly cacheMs: number | "off";
  /** How many results are kept at most. */
  readonly cacheEntries: number;
  /** How much memory they may take, in MiB. */
  readonly cacheMb: number;
  /** How long a request may be. */
  readonly maxLineBytes: number;
  /** How long a line of a reply may be. */
  readonly maxReplyBytes: number;
  /** How much may wait to be sent to a client before it is not read. */
  readonly maxPendingBytes: number;
  /** How long a client may take nothing of what is sent to it. */
  readonly stallMs: number;
  /** After how many lines that cannot be read a client is let go. */
  readonly maxProtocolErrors: number;
  /** What is spoken. */
  readonly dialects: Dialects;
  /** How long running jobs may take to finish at a stop. */
  readonly drainMs: number;
  /** How lines of the log are written. */
  readonly logFormat: LogFormat;
  /** The least that is logged. */
  readonly logLevel: LogLevel;
}

/** One thing that can be configured. */
export interface Option<T> {
  /** The flag without its dashes; its variable follows from it. */
  readonly flag: string;
  /** Whether it may be said several times: the values are joined by commas. */
  readonly many?: boolean;
  readonly kind: ValueKind<T>;
  /** The default, as one would write it. */
  readonly default: string;
  /** Why the default is what it is. */
  readonly reason: string;
  /** What it does, in half a line. */
  readonly help: string;
}

/** The configuration file that is used if it is there. */
export const DEFAULT_FILE = "switchyard.json";

/** All that can be configured: parsing, `--help` and the table of docs/operations.md are made from it. */
export const OPTIONS: { readonly [K in keyof Config]: Option<Config[K]> } = {
  config: {
    flag: "config",
    kind: either("none", file),
    default: DEFAULT_FILE,
    reason: "beside the jobs that it grants something; without one, nothing is granted",
    help: "the file of options and grants; the one of this name need not be there",
  },
  listen: {
    flag: "listen",
    many: true,
    kind: listenPlaces,
    default: "127.0.0.1:8080",
    reason: "nobody outside of this machine gets in unasked",
    help: "where to listen, as often as wanted; port 0 is any free one",
  },
  reusePort: {
    flag: "reuse-port",
    kind: onOrOff,
    default: "off",
    reason: "a second server on a port is mostly a mistake",
    help:
      "whether other servers that say so too share its TCP ports, each with a part of the clients",
  },
  unixMode: {
    flag: "unix-mode",
    kind: fileMode,
    default: "0600",
    reason: "who may write to the file gets in",
    help: "the permissions of the files of Unix sockets",
  },
  tlsCert: {
    flag: "tls-cert",
    kind: either("none", file),
    default: "none",
    reason: "nobody has it but the operator",
    help: "the certificate, and those up to its authority, for tls: addresses (PEM)",
  },
  tlsKey: {
    flag: "tls-key",
    kind: either("none", file),
    default: "none",
    reason: "nobody has it but the operator",
    help: "its private key (PEM)",
  },
  tlsClientCa: {
    flag: "tls-client-ca",
    kind: either("none", file),
    default: "none",
    reason: "most clients have no certificate",
    help: "the authorities whose clients are let in at tls: addresses (PEM)",
  },
  tokens: {
    flag: "tokens",
    kind: either("none", file),
    default: "none",
    reason: "on one machine, who may connect may ask",
    help: "who may ask, by hashes of their tokens: a file, or a variable as env:NAME",
  },
  insecure: {
    flag: "insecure",
    kind: said,
    default: "off",
    reason: "whoever reaches the port could run jobs",
    help: "listens beyond this machine even if nobody is asked who they are",
  },
  cores: {
    flag: "cores",
    kind: either("all", count(1, 1024)),
    default: "all",
    reason: "jobs compute: more of them at once than there are cores only delays each",
    help: "how many jobs run at once",
  },
  deadlineMs: {
    flag: "deadline",
    kind: duration("1ms", "24h"),
    default: "30s",
    reason: "about as long as somebody waits for an answer",
    help: "how long a job may run, from its start",
  },
  graceMs: {
    flag: "grace",
    kind: duration("0ms", "1m"),
    default: "100ms",
    reason: "a job that looks at its signal needs far less, a client waits no longer",
    help: "how long a job that was asked to stop may take, before it is killed",
  },
  memoryMb: {
    flag: "memory",
    kind: count(16, 65_536),
    default: "128",
    reason: "eight lanes fit into one GiB",
    help: "the heap of each lane, in MiB",
  },
  isolation: {
    flag: "isolation",
    kind: choice("auto", "worker", "process"),
    default: "auto",
    reason: "workers are faster, but only processes can be killed on every Deno",
    help: "what jobs run in: worker refuses to start where workers cannot be killed",
  },
  onStuck: {
    flag: "on-stuck",
    kind: choice("processes", "drain", "log"),
    default: "processes",
    reason: "a process always dies, and nobody has to be there",
    help:
      "what follows when a lane was killed and did not end: its scope moves to processes, the server drains to be restarted, or it is only logged",
  },
  maxStuck: {
    flag: "max-stuck",
    kind: count(0, 1024),
    default: "4",
    reason: "each may burn a core",
    help: "how many such lanes there may be before the server drains, to be restarted",
  },
  jobs: {
    flag: "jobs",
    kind: either("built-in", directory),
    default: "built-in",
    reason: "there is something to try at once",
    help: "the folder of the job files",
  },
  watch: {
    flag: "watch",
    kind: onOrOff,
    default: "off",
    reason: "what serves changes when its operator says so",
    help: "whether job files that change, come or go are taken up while it serves",
  },
  maxConnections: {
    flag: "max-connections",
    kind: count(1, 1_000_000),
    default: "1024",
    reason: "each holds a file descriptor and its buffers",
    help: "how many clients are served at once; the next gets one line and a close",
  },
  maxInFlight: {
    flag: "max-in-flight",
    kind: count(1, 1_000_000),
    default: "64",
    reason: "keeps every core busy over a slow link, and one client from filling the queue",
    help: "how many requests of one client are under way; then it is not read",
  },
  rate: {
    flag: "rate",
    kind: either("off", rate(0.01, 1_000_000)),
    default: "off",
    reason: "only the operator knows how often is too often",
    help: "how many requests of one client are taken a second; its next lines wait",
  },
  lineMs: {
    flag: "line-timeout",
    kind: duration("10ms", "1h"),
    default: "30s",
    reason: "who types is done by then; who only holds the connection is seen",
    help:
      "how long a client may take to end a line, to agree on keys, and to say who it is where that is asked",
  },
  idleMs: {
    flag: "idle-timeout",
    kind: either("off", duration("10ms", "24h")),
    default: "off",
    reason: "an idle client costs little, and keepalive finds those that have died",
    help: "how long a client may ask nothing, when all it asked for is answered",
  },
  maxQueue: {
    flag: "max-queue",
    kind: count(0, 10_000_000),
    default: "10000",
    reason: "early words are better than a late answer",
    help: "how many requests wait for a core, half of them of one client; the next is BUSY",
  },
  maxQueueMs: {
    flag: "max-queue-wait",
    kind: either("off", duration("1ms", "24h")),
    default: "60s",
    reason: "who has waited so long has mostly stopped waiting",
    help: "how long a request may wait for a core; then it is refused as BUSY",
  },
  maxLaneJobs: {
    flag: "max-lane-jobs",
    kind: either("off", count(1, 1_000_000_000)),
    default: "off",
    reason: "a lane whose heap stays full is renewed anyway",
    help: "after how many runs a lane is renewed, for jobs that leave things behind",
  },
  maxLaneAgeMs: {
    flag: "max-lane-age",
    kind: either("off", duration("1s", "8760h")),
    default: "off",
    reason: "the same",
    help: "after how long a lane is renewed",
  },
  coalesce: {
    flag: "coalesce",
    kind: onOrOff,
    default: "off",
    reason: "who measures wants every run",
    help: "whether identical requests that are under way share one run, for jobs declared pure",
  },
  cacheMs: {
    flag: "cache",
    kind: either("off", duration("1ms", "24h")),
    default: "off",
    reason: "only the operator knows how old an answer may be",
    help: "how long results of jobs declared pure are given again; it coalesces as well",
  },
  cacheEntries: {
    flag: "cache-entries",
    kind: count(1, 10_000_000),
    default: "1000",
    reason: "what is asked for again is mostly asked for soon",
    help: "how many results are kept; the least recently used goes first",
  },
  cacheMb: {
    flag: "cache-memory",
    kind: count(1, 65_536),
    default: "16",
    reason: "little beside the lanes",
    help: "how much memory the results that are kept may take, in MiB",
  },
  maxLineBytes: {
    flag: "max-line-bytes",
    kind: count(64, 67_108_864),
    default: "65536",
    reason: "common clients read no longer line than 64 KiB either",
    help: "how long a request may be; a longer one is refused",
  },
  maxReplyBytes: {
    flag: "max-reply-bytes",
    kind: count(1024, 67_108_864),
    default: "65536",
    reason: "common clients read no longer line: Python's asyncio breaks there",
    help: "how long a line of a reply may be; a longer one gives way to an error",
  },
  maxPendingBytes: {
    flag: "max-pending-bytes",
    kind: count(1024, 1_073_741_824),
    default: "1048576",
    reason: "a burst of large replies fits; what is more waits in the client's own code",
    help: "how much may be unread by a client before it is not read",
  },
  stallMs: {
    flag: "stall-timeout",
    kind: duration("10ms", "1h"),
    default: "10s",
    reason: "a pause of the network is shorter, and its jobs cost others their cores",
    help: "how long a client may take nothing of what is sent to it; then it is cut",
  },
  maxProtocolErrors: {
    flag: "max-protocol-errors",
    kind: count(1, 1_000_000),
    default: "20",
    reason: "who errs so often will not stop; who tries things by hand has enough",
    help: "after how many lines that cannot be read a client is let go",
  },
  dialects: {
    flag: "dialects",
    kind: choice("all", "numbers"),
    default: "all",
    reason: "number lines mean the same in both",
    help: "what is spoken: numbers is the original service alone",
  },
  drainMs: {
    flag: "drain",
    kind: duration("0ms", "1h"),
    default: "10s",
    reason: "containers are killed 10 s after they were asked to stop",
    help: "how long running jobs may take to finish at a stop",
  },
  logFormat: {
    flag: "log",
    kind: choice("text", "json"),
    default: "text",
    reason: "people start it first, machines later",
    help: "how lines of the log are written",
  },
  logLevel: {
    flag: "log-level",
    kind: choice("debug", "info", "warn", "error"),
    default: "info",
    reason: "a line for each connection is for finding faults",
    help: "the least that is logged",
  },
};

/** The names of all options, in the order of the table. */
export const OPTION_KEYS = Object.keys(OPTIONS).filter(isKey);

/** What the names of our variables begin with. */
export const VARIABLE_PREFIX = "SWITCHYARD_";

/** The variable that says the same as a flag: `SWITCHYARD_MAX_QUEUE` for `max-queue`. */
export function variableOf(flag: string): string {
  return VARIABLE_PREFIX + flag.toUpperCase().replaceAll("-", "_");
}

/** The key of a flag in the configuration file: `maxQueue` for `max-queue`. */
export function fileKeyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isKey(key: string): key is keyof Config {
  return Object.hasOwn(OPTIONS, key);
}
