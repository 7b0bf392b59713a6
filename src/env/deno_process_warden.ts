import { TextLineStream } from "@std/streams";
import type { Switch } from "../switch/mod.ts";
import type { Clock } from "./clock.ts";
import { toFlags, withRuntimeSources } from "./deno_permissions.ts";
import { ThreadBase } from "./deno_thread_base.ts";
import type { ScopeSpec, Thread, ThreadEnd, Warden } from "./threads.ts";

const PROGRAM = decodeURIComponent(
  new URL("../../workers/runtime/process_lane.ts", import.meta.url).pathname,
);
const CONFIG = decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname);

/** The longest line of a process's output, a result among them, in UTF-16 units. */
const MAX_LINE = 32 * 1024 * 1024;

/** Opens a scope each of whose threads is a `deno` process with the scope's permissions as flags. */
export async function openProcessWarden(
  sw: Switch,
  spec: ScopeSpec,
  clock: Clock,
): Promise<Warden> {
  if (Deno.build.standalone) {
    throw new Error(
      "Cannot isolate jobs by processes: a compiled program cannot start one with less permission. Use the worker isolation, or run it with deno",
    );
  }
  const flags = runFlags(spec);
  const lanes = new Set<ProcessLane>();
  sw.onRelease(async () => {
    await Promise.all([...lanes].map((lane) => lane.kill()));
  });
  await Promise.resolve();
  return {
    spec,
    start(): Promise<Thread> {
      const lane = new ProcessLane(clock, flags);
      lanes.add(lane);
      void lane.ended.then(() => lanes.delete(lane));
      return lane.started();
    },
  };
}

/** A child process that runs one job at a time. It shares no memory, and it always dies. */
class ProcessLane extends ThreadBase {
  readonly shared = undefined;
  readonly #token = `${crypto.randomUUID()} `;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();

  constructor(clock: Clock, flags: readonly string[]) {
    super(clock);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...flags, PROGRAM, this.#token],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    void this.#live();
  }

  post(message: unknown): void {
    const line = this.#encoder.encode(`${JSON.stringify(message)}\n`);
    // A write fails when the process has died, which `ended` tells.
    this.#input.write(line).catch(() => {});
  }

  protected override abandon(): void {
    this.#child.unref();
  }

  protected override startKill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself: just what is wanted.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Reads what the process says until its output ends, and then how it ended. */
  async #live(): Promise<void> {
    let fault: string | undefined;
    try {
      const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
      const lines = text.pipeThrough(limitLines()).pipeThrough(new TextLineStream());
      for await (const line of lines) this.#hear(line);
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
      this.startKill();
    }
    const status = await this.#child.status;
    await this.#input.close().catch(() => {});
    this.hasEnded(fault === undefined ? endOf(status) : { kind: "crashed", reason: fault });
  }

  #hear(line: string): void {
    if (line.startsWith(this.#token)) this.received(JSON.parse(line.slice(this.#token.length)));
    else if (line !== "") console.error(line);
  }
}

/** Fails where a line is too long: what a process prints must not fill the memory of this one. */
function limitLines(): TransformStream<string, string> {
  let length = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const end = chunk.lastIndexOf("\n");
      length = end < 0 ? length + chunk.length : chunk.length - end - 1;
      if (length > MAX_LINE) {
        throw new RangeError(`it printed a line of more than ${MAX_LINE} characters`);
      }
      controller.enqueue(chunk);
    },
  });
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
    ...toFlags(withRuntimeSources(permissions)),
  ];
}

/** V8 ends a process whose heap is full with SIGTRAP (133 where a shell reports it), or SIGABRT. */
function endOf(status: Deno.CommandStatus): ThreadEnd {
  if (status.signal === "SIGTRAP" || status.signal === "SIGABRT" || status.code === 133) {
    return { kind: "out-of-memory" };
  }
  return { kind: "crashed", reason: `it exited with ${status.signal ?? `code ${status.code}`}` };
}
