import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import type { OrphanWatch } from "./deno_orphan_watch.ts";
import { toFlags } from "./deno_permissions.ts";
import { ThreadBase, type ThreadLimits } from "./deno_thread_base.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import type { ScopeSpec, ThreadEnd } from "./threads.ts";

const PROGRAM = decodeURIComponent(
  new URL("../../workers/runtime/process_lane.ts", import.meta.url).pathname,
);
const CONFIG = decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname);

/**
 * Starts a program at a lower priority, so that a full machine still accepts and answers; with so
 * much data at most, in KiB, no core dumps, and few descriptors. Where the limits are lower already
 * they stay. Not `ulimit -v`: V8 reserves address space by the terabyte.
 */
const LAUNCH = `{ ulimit -d "$1"; ulimit -c 0; ulimit -n 1024; } 2>/dev/null; shift
command -v nice >/dev/null && set -- nice -n 10 "$@"; exec "$@"`;

/**
 * How much data a process may have beside what its jobs are watched for, in MiB. It needs half a
 * gigabyte to start; with much less than this a burst would be an allocation that fails, of which
 * nobody could say that it was out of memory, before it is seen.
 */
const DATA_MB = 2_048;

/** How many times the memory of its scope it may have beyond that. */
const DATA_SHARE = 8;

/** The size of the pages in which the kernel counts memory. */
const PAGE_BYTES = 4_096;

/** How much of what a process says to its end is told as the reason, in UTF-16 units. */
const MAX_LAST_WORDS = 500;

/** How long what a process has sent may take to arrive after its end, in milliseconds. */
const DRAIN_MS = 1_000;

/** What a process needs of the environment to find its caches, and to write times. */
const VARIABLES = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "TZ", "LANG"];

/**
 * A child process that runs one job at a time. It shares no memory, and it always dies: with all
 * that it has started, if that has not left its process group.
 */
export class ProcessLane extends ThreadBase {
  readonly shared = undefined;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #watch: OrphanWatch | undefined;
  #lastWords = "";
  #fault: string | undefined;

  /** Starts the process; where there is a watch there is a shell, and a lower priority. */
  constructor(
    clock: Clock,
    limits: ThreadLimits,
    spec: ScopeSpec,
    watch: OrphanWatch | undefined,
  ) {
    super(clock, limits);
    this.#clock = clock;
    this.#watch = watch;
    this.#child = start(spec, watch !== undefined);
    this.#socket = this.#child.stdio[3] as Socket;
    this.#socket.on("data", (chunk: Uint8Array) => this.#hear(chunk));
    this.#socket.on("error", () => {}); // it has died, which `ended` tells
    this.#child.stderr!.setEncoding("utf8");
    this.#child.stderr!.on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-MAX_LAST_WORDS);
    });
    this.#child.once("error", (error) => this.hasEnded(crash(error.message)));
    this.#child.once("exit", (code, signal) => void this.#exited(code, signal));
    if (this.#child.pid !== undefined) watch?.add(this.#child.pid);
  }

  /** As the kernel tells it, where this process may ask: reading /proc takes all permissions. */
  residentMb(): number | undefined {
    try {
      const pages = Deno.readTextFileSync(`/proc/${this.#child.pid}/statm`).split(" ")[1];
      return Number(pages) * PAGE_BYTES / 2 ** 20;
    } catch {
      return undefined;
    }
  }

  post(message: unknown): void {
    this.#socket.write(encodeFrame(message));
  }

  protected override startKill(): void {
    this.#killGroup();
  }

  protected override abandon(): void {
    this.#socket.destroy();
    this.#child.stderr!.destroy();
    this.#child.unref();
  }

  #hear(chunk: Uint8Array): void {
    if (this.#fault !== undefined) return;
    try {
      for (const message of this.#frames.push(chunk)) this.received(message);
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      this.startKill();
    }
  }

  async #exited(code: number | null, signal: string | null): Promise<void> {
    this.#killGroup(); // what it has started may live on, and hold its socket
    await this.#drained();
    if (this.#child.pid !== undefined) this.#watch?.remove(this.#child.pid);
    const end = endOf(code, signal, this.#lastWords.trim());
    this.hasEnded(this.#fault === undefined ? end : crash(this.#fault));
  }

  /** Resolves when all that was sent has come. */
  async #drained(): Promise<void> {
    const streams = [this.#socket, this.#child.stderr!];
    const late = this.#clock.setTimer(DRAIN_MS, () => streams.forEach((one) => one.destroy()));
    await Promise.all(
      streams.map((stream) =>
        stream.closed || new Promise((resolve) => stream.once("close", resolve))
      ),
    );
    late.cancel();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
    } catch (error) {
      // All of it has ended: just what is wanted.
      if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
    }
  }
}

function start(spec: ScopeSpec, hasShell: boolean): ChildProcess {
  const args = [...runFlags(spec), PROGRAM];
  const [command, ...rest] = hasShell
    ? ["sh", "-c", LAUNCH, "sh", `${dataKib(spec)}`, Deno.execPath(), ...args]
    : [Deno.execPath(), ...args];
  return spawn(command, rest, {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    detached: true, // a process group of its own, which is killed as one
    env: environmentOf(spec),
  });
}

function dataKib({ memoryMb }: ScopeSpec): number {
  return (DATA_MB + DATA_SHARE * memoryMb) * 1_024;
}

function runFlags({ permissions, memoryMb }: ScopeSpec): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-lock",
    "--cached-only",
    `--config=${CONFIG}`,
    `--v8-flags=--max-old-space-size=${memoryMb},--no-turboshaft-loop-unrolling`,
    // Its own program it may load without a permission, as all that is named in it.
    ...toFlags(permissions),
  ];
}

/** The variables that it was granted, and what it needs to start: no other is in its memory. */
function environmentOf({ permissions: { env } }: ScopeSpec): Record<string, string> {
  if (env === "all") return { ...Deno.env.toObject(), NO_COLOR: "1" };
  const names = [...VARIABLES, ...(env === "none" ? [] : env)];
  const set = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { NO_COLOR: "1", ...Object.fromEntries(set) };
}

/** V8 ends a process whose heap is full with SIGTRAP (133 where a shell reports it), or SIGABRT. */
function endOf(code: number | null, signal: string | null, lastWords: string): ThreadEnd {
  if (signal === "SIGTRAP" || signal === "SIGABRT" || code === 133) {
    return { kind: "out-of-memory" };
  }
  const how = `it exited with ${signal ?? `code ${code}`}`;
  return crash(lastWords === "" || signal !== null ? how : `${how}: ${lastWords}`);
}

function crash(reason: string): ThreadEnd {
  return { kind: "crashed", reason };
}
