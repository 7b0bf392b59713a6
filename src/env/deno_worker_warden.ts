import { MessageChannel, type MessagePort as NodePort } from "node:worker_threads";
import type { Switch } from "../switch/mod.ts";
import type { FromWarden, ToWarden } from "../../workers/runtime/warden.ts";
import type { Clock } from "./clock.ts";
import { toWorkerPermissions, withRuntimeSources } from "./deno_permissions.ts";
import { ThreadBase } from "./deno_thread_base.ts";
import type { ScopeSpec, Thread, ThreadEnd, Warden } from "./threads.ts";

/** Opens a scope whose warden is a Web Worker, and whose threads are lanes in this process. */
export async function openWorkerWarden(
  sw: Switch,
  spec: ScopeSpec,
  clock: Clock,
): Promise<Warden> {
  const warden = new WorkerWarden(spec, clock);
  sw.onRelease(() => warden.close());
  await Promise.resolve();
  return warden;
}

/**
 * Holds a scope: the workers that start its lanes. Each lane has one of its own, as a worker is deaf
 * for a third of a second while it starts a lane, and a kill must not wait for that.
 */
class WorkerWarden implements Warden {
  readonly spec: ScopeSpec;
  readonly #clock: Clock;
  readonly #lanes = new Set<Lane>();
  /** Made ahead, so that a scope which the platform refuses cannot be opened. */
  #next: Worker | undefined;

  constructor(spec: ScopeSpec, clock: Clock) {
    this.spec = spec;
    this.#clock = clock;
    this.#next = startWorker(spec);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async start(sharedBytes: number): Promise<Thread> {
    const worker = this.#next ?? startWorker(this.spec);
    this.#next = undefined;
    const lane = new Lane(this.#clock, worker, sharedBytes);
    this.#lanes.add(lane);
    void lane.ended.then(() => this.#lanes.delete(lane));
    lane.begin(this.spec.memoryMb);
    return lane.started();
  }

  /** Kills all lanes, and sees them dead. */
  async close(): Promise<void> {
    this.#next?.terminate();
    await Promise.all([...this.#lanes].map((lane) => lane.kill()));
  }
}

function startWorker({ name, permissions }: ScopeSpec): Worker {
  return new Worker(new URL("../../workers/runtime/warden.ts", import.meta.url), {
    type: "module",
    name: `warden ${name}`,
    deno: { permissions: toWorkerPermissions(withRuntimeSources(permissions)) },
  });
}

function reasonOf({ code, reason }: FromWarden): ThreadEnd {
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? { kind: "out-of-memory" }
    : { kind: "crashed", reason };
}

/** How long the warden may take to say why a lane has ended, in milliseconds. */
const REASON_MS = 1_000;

/**
 * A lane, seen from the main thread: its port leads to it past the warden.
 *
 * The end of the thread is the end of its port, which the platform closes when it has torn the
 * thread down. Nothing else proves it: a thread that burns on has long "exited", and its locks have
 * been handed on.
 */
class Lane extends ThreadBase {
  readonly shared: SharedArrayBuffer;
  readonly #clock: Clock;
  readonly #port: NodePort;
  readonly #far: NodePort;
  readonly #reason = Promise.withResolvers<ThreadEnd>();
  readonly #warden: Worker;

  constructor(clock: Clock, warden: Worker, sharedBytes: number) {
    super(clock);
    this.shared = new SharedArrayBuffer(sharedBytes);
    this.#clock = clock;
    this.#warden = warden;
    warden.onmessage = ({ data }: MessageEvent<FromWarden>) => this.#reason.resolve(reasonOf(data));
    warden.onerror = (event) => {
      // Else the error of a warden would end the whole process.
      event.preventDefault();
      this.#reason.resolve({ kind: "crashed", reason: `its warden failed: ${event.message}` });
      warden.terminate();
    };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#far = port2;
    this.#port.on("message", (message) => this.received(message));
    this.#port.on("close", () => void this.#closed());
  }

  /** Has the warden start the thread. */
  begin(memoryMb: number): void {
    // One and the same class, which Deno declares twice.
    const port = this.#far as unknown as MessagePort;
    const data = { port, memory: this.shared, lock: `lane-${crypto.randomUUID()}` };
    this.#tell({ type: "start", memoryMb, data }, [port]);
  }

  post(message: unknown): void {
    this.#port.postMessage(message);
  }

  protected override startKill(): void {
    this.#reason.resolve({ kind: "killed" });
    this.#tell({ type: "kill" }, []);
  }

  protected override abandon(): void {
    this.#port.close();
    this.#warden.terminate();
  }

  #tell(message: ToWarden, transfer: Transferable[]): void {
    this.#warden.postMessage(message, transfer);
  }

  async #closed(): Promise<void> {
    const silent: ThreadEnd = { kind: "crashed", reason: "its thread ended without a word" };
    const late = this.#clock.setTimer(REASON_MS, () => this.#reason.resolve(silent));
    this.hasEnded(await this.#reason.promise);
    late.cancel();
    this.#warden.terminate();
  }
}
