import type { Isolation } from "../../src/env/mod.ts";
import type { OutcomeKind } from "../../src/pool/mod.ts";
import { beside } from "../fixtures/jobs/hostile/deeds/beside.ts";
import { burning } from "../fixtures/jobs/hostile/deeds/burning.ts";
import { escaping } from "../fixtures/jobs/hostile/deeds/escaping.ts";
import { tampering } from "../fixtures/jobs/hostile/deeds/tampering.ts";

/** What must become of one deed: its kind of outcome, and what the outcome says or holds. */
export interface Expected {
  readonly deed: string;
  readonly kind: OutcomeKind;
  /** Matches the error's message, or the reason. */
  readonly says?: RegExp;
  /** The result. */
  readonly result?: unknown;
  /** The one isolation in which it is tried. */
  readonly only?: Isolation;
}

function all(deeds: readonly string[], kind: OutcomeKind, says?: RegExp): Expected[] {
  return deeds.map((deed) => says === undefined ? { deed, kind } : { deed, kind, says });
}

const CLOSED = [
  ...["Deno.exit", "process.exit", "process.exit imported", "process.reallyExit"],
  ...["process.abort", "process.abort imported", "process.kill", "process.kill imported"],
  ...["Deno.kill", "globalThis.close", "process.dlopen", "getBuiltinModule", "process.binding"],
  ...["Worker", "navigator.locks", "locks of the prototype", "permissions.revoke"],
  ...["permissions.revokeSync", "permissions.request", "BroadcastChannel", "caches"],
  ...["addSignalListener", "process.on signal", "stdin", "process.stdin"],
  ...["Deno.chdir", "process.chdir"],
];

const NOT_PERMITTED = [
  ...["read /etc/passwd", "read deno.json", "node:fs read", "environment", "process.env"],
  ...["connect", "fetch", "listen", "websocket", "write", "run", "dlopen", "hostname"],
  ...["os.setPriority", "Deno.serve", "import a file", "import a file of the project"],
];

const CLOSED_MODULES = [
  ...["worker_threads", "child_process", "cluster", "module", "v8", "vm", "inspector", "repl"],
  ...["sqlite", "test", "wasi", "diagnostics_channel", "dgram", "readline"],
].map((name) => `import node:${name}`);

/** What becomes of those escapes that are not just refused for want of a permission. */
const ESCAPES: readonly Expected[] = [
  ...all(["prompt", "confirm", "alert"], "failed", /closed to jobs|is not defined/),
  ...all(["gpu", "process.openStdin", "import by a data worker"], "failed", /closed to jobs/),
  ...all(["import by Function", "import by eval"], "failed", /Cannot import .* closed to jobs/),
  ...all(["symlink", "node:fs symlink"], "failed", /requires unscoped --allow-read/),
  ...all(["dns.lookup", "dns.resolve"], "failed", /EPERM|UNKNOWN/),
  ...all(["listenDatagram", "openKv", "linked binding"], "failed", /of undefined/),
  { deed: "setuid", kind: "failed", says: /not supported in workers|Requires sys access/ },
  { deed: "active handles", kind: "done", result: 0 },
  { deed: "internals", kind: "done", result: ["undefined"] },
  { deed: "Deno.core", kind: "done", result: "undefined" },
  { deed: "post to the warden", kind: "done", only: "worker" }, // who does not listen
];

/** What lies beside a job: it has what it imports by name, and that only as code. */
const BESIDE: readonly Expected[] = [
  ...all(
    Object.keys(beside).filter((deed) => /^import another job(?! with)/.test(deed)),
    "failed",
    /Cannot import ".*": it is not among the modules that the job file imports by name$/,
  ),
  // In a thread it is read for a lane as a job would read it.
  { deed: "read the program of its lane", kind: "done", result: true, only: "worker" },
  {
    deed: "read the program of its lane",
    kind: "failed",
    says: /^Requires read access/,
    only: "process",
  },
  { deed: "import its own, by another name", kind: "done", result: ["memory"] },
];

const REFUSED_BESIDE = Object.keys(beside).filter((deed) =>
  !BESIDE.some((one) => one.deed === deed)
);

const REFUSED_ESCAPES = Object.keys(escaping).filter((deed) =>
  !ESCAPES.some((escape) => escape.deed === deed)
);

/** All deeds, and what must become of each. */
export const EXPECTED: readonly Expected[] = [
  ...all(CLOSED, "failed", /^Cannot use .* it is closed to jobs$/),
  { deed: "self.close", kind: "failed", says: /closed to jobs|self is not defined/ },
  { deed: "localStorage", kind: "failed", says: /closed to jobs|is not defined/ },
  { deed: "process.umask", kind: "failed", says: /not supported in workers|Requires sys access/ },
  { deed: "exitCode", kind: "done", result: 3 },
  { deed: "Deno.exitCode", kind: "done", result: 3 },

  ...all(NOT_PERMITTED, "failed", /^Requires (read|env|net|write|run|ffi|sys) access/),
  ...ESCAPES,
  ...BESIDE,
  ...all(REFUSED_BESIDE, "failed", /^Requires read access/),
  ...all(REFUSED_ESCAPES, "failed", /^Requires (read|env|net|write|sys|ffi) access/),
  ...all(
    [...CLOSED_MODULES, "import worker_threads", "import NODE:worker_threads"],
    "failed",
    /Cannot import ".*": this built-in module is closed to jobs$/,
  ),
  ...all(
    ["import data with threads", "import blob"],
    "failed",
    /Cannot import "node:worker_threads": this built-in module is closed to jobs$/,
  ),
  { deed: "require from CommonJS", kind: "failed", says: /^Requires read access/ },
  {
    deed: "import node:worker_threads?x",
    kind: "failed",
    says: /closed to jobs|Unsupported scheme/,
  },
  ...all(
    ["import https", "import http", "import npm", "import jsr"],
    "failed",
    /Cannot import ".*": packages are imported when the job file is loaded, not later$/,
  ),
  ...["load node:tls", "load node:https"].map((deed) => (
    { deed, kind: "done", result: "function" } as const
  )),
  { deed: "require", kind: "failed", says: /closed to jobs|is not a function/ },

  ...all(Object.keys(burning), "deadline"),
  ...all(
    ["allocate", "allocate after await", "allocate with awaits", "allocate with timers"],
    "out-of-memory",
  ),
  ...all(["string growth"], "out-of-memory"),
  { deed: "recurse", kind: "failed", says: /^Maximum call stack size exceeded$/ },
  { deed: "huge string", kind: "failed", says: /^Invalid string length$/ },

  { deed: "throw", kind: "failed", says: /^out of cheese$/ },
  { deed: "reject", kind: "failed", says: /^rejected$/ },
  { deed: "throw a string", kind: "failed", says: /^just a string$/ },
  { deed: "throw undefined", kind: "failed", says: /^undefined$/ },
  ...all(
    ["throw no text", "throw a bad error", "throw a proxy"],
    "failed",
    /^a value without a text was thrown$/,
  ),
  { deed: "throw a cancellation", kind: "failed", says: /^not asked for$/ },
  {
    deed: "throw a long message",
    kind: "failed",
    says: /^x{65536}\.\.\. \(cut: 5000000 characters\)$/,
  },

  { deed: "undefined", kind: "done", result: undefined },
  { deed: "null", kind: "done", result: null },
  { deed: "NaN", kind: "done", result: NaN },
  { deed: "bigint", kind: "done", result: 12345678901234567890n },
  { deed: "cycle", kind: "done" },
  ...all(["function", "symbol", "throwing getter"], "failed", /^Cannot send the job's result/),
  { deed: "10 MB of text", kind: "done", result: "x".repeat(10_000_000) },
  { deed: "thenable", kind: "done", result: "resolved" },
  { deed: "thenable that throws", kind: "failed", says: /^then threw$/ },
  { deed: "rejecting thenable", kind: "failed", says: /^no$/ },

  ...all(
    Object.keys(tampering).filter((deed) => deed !== "timers" && deed !== "prepareStackTrace"),
    "failed",
    /^Cannot (assign|redefine|define)/,
  ),
  { deed: "timers", kind: "done", result: "tampered" },
  { deed: "prepareStackTrace", kind: "failed", says: /^its stack cannot be had$/ },

  ...all(["a line", "no line end", "process.stdout", "a line without end"], "done"),
  ...all(
    ["input of others", "input of others, whole", "output of others", "errors of others"],
    "failed",
    /bad file descriptor/i,
  ),
  { deed: "sockets of others", kind: "done", result: [] },
  { deed: "pipe of the lane", kind: "failed", says: /it is closed to jobs/, only: "process" },
];

/** Deeds that fail after their reply; their lanes are replaced. */
export const STRAY = ["stray rejection", "stray late rejection", "stray timer", "reportError"];
