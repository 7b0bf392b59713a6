import {
  MessageChannel,
  type MessagePort as NodePort,
  type Transferable as NodeTransferable,
} from "node:worker_threads";
import type { Switch } from "../switch/mod.ts";
import type { FromWarden, LaneUp, ToWarden } from "../../workers/runtime/warden.ts";
import type { Clock } from "./clock.ts";
import { toWorkerPermissions, withRuntimeSources } from "./deno_permissions.ts";
import { ThreadBase, type ThreadLimits } from "./deno_thread_base.ts";
import { helpersStandBack, standBack, starterStandsBack } from "./deno_thread_priority.ts";
import type { ScopeSpec, Thread, ThreadEnd, Warden } from "./threads.ts";

/** Opens a scope whose warden is a Web Worker, and whose threads are lanes in this process. */
export async function openWorkerWarden(
  sw: Switch,
  spec: ScopeSpec,
  clock: Clock,
  limits: ThreadLimits,
): Promise<Warden> {
  const warden = new WorkerWarden(spec, clock, limits);
  sw.onRelease(() => warden.close());
  await Promise.resolve();
  return warden;
}

class WorkerWarden implements Warden {
  readonly spec: ScopeSpec;
  readonly #clock: Clock;
  readonly #limits: ThreadLimits;
  readonly #lanes = new Map<number, Lane>();
  /** The one that starts lanes; another takes its place when it has failed. */
  #worker: Worker | undefined;
  #isClosed = false;

  constructor(spec: ScopeSpec, clock: Clock, limits: ThreadLimits) {
    this.spec = spec;
    this.#clock = clock;
    this.#limits = limits;
    this.#worker = this.#startWorker();
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async start(sharedBytes: number): Promise<Thread> {
    if (this.#isClosed) {
      throw new Error(`Cannot start a thread: scope "${this.spec.name}" is closed`);
    }
    const worker = this.#worker ??= this.#startWorker();
    const lane = new Lane(this.#clock, this.#limits, sharedBytes, (message, transfer) => {
      worker.postMessage(message, transfer);
    });
    this.#lanes.set(lane.id, lane);
    void lane.ended.then(() => this.#lanes.delete(lane.id));
    lane.begin(this.spec.memoryMb);
    return lane.started();
  }

  /** Kills all lanes, sees them dead, and ends the warden. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.kill()));
    for (const stuck of this.#lanes.values()) stuck.close();
    this.#worker?.terminate();
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("../../workers/runtime/warden.ts", import.meta.url), {
      type: "module",
      name: `warden ${this.spec.name}`,
      deno: { permissions: toWorkerPermissions(withRuntimeSources(this.spec.permissions)) },
    });
    starterStandsBack();
    helpersStandBack();
    worker.onmessage = ({ data }: MessageEvent<FromWarden>) => this.#hear(data);
    worker.onerror = (event) => {
      // Else the error of a warden would end the whole process.
      event.preventDefault();
      if (worker === this.#worker) this.#lost(event.message);
    };
    return worker;
  }

  #hear(message: FromWarden): void {
    this.#lanes.get(message.id)?.endsFor(reasonOf(message));
  }

  /** The warden itself has failed: with it go all its lanes. */
  #lost(reason: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const lane of this.#lanes.values()) {
      lane.endsFor({ kind: "crashed", reason: `its warden failed: ${reason}` });
    }
  }
}

function reasonOf({ code, reason }: FromWarden): ThreadEnd {
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? { kind: "out-of-memory" }
    : { kind: "crashed", reason };
}

/** How long the warden may take to say why a lane has ended, in milliseconds: on a full machine, seconds. */
const REASON_MS = 5_000;

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
  readonly #tellWarden: (message: ToWarden, transfer: Transferable[]) => void;

  constructor(
    clock: Clock,
    limits: ThreadLimits,
    sharedBytes: number,
    tellWarden: (message: ToWarden, transfer: Transferable[]) => void,
  ) {
    super(clock, limits);
    this.shared = new SharedArrayBuffer(sharedBytes);
    this.#clock = clock;
    this.#tellWarden = tellWarden;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#far = port2;
    this.#port.on("message", (message) => this.#hear(message));
    this.#port.on("close", () => void this.#closed());
  }

  /** Has the warden start the thread. */
  begin(memoryMb: number): void {
    // One and the same class, which Deno declares twice.
    const port = this.#far as unknown as MessagePort;
    const data = { port, memory: this.shared, lock: `lane-${crypto.randomUUID()}` };
    this.#tellWarden({ type: "start", id: this.id, memoryMb, data }, [port]);
  }

  /** Its memory is a part of this process's. */
  residentMb(): undefined {}

  post(message: unknown, transfer?: readonly Transferable[]): void {
    if (transfer === undefined) this.#port.postMessage(message);
    else this.#port.postMessage(message, [...transfer] as NodeTransferable[]);
  }

  /** Takes the warden's word for why the lane ends. */
  endsFor(reason: ThreadEnd): void {
    this.#reason.resolve(reason);
  }

  protected override startKill(): void {
    this.#reason.resolve({ kind: "killed" });
    this.#tellWarden({ type: "kill", id: this.id }, []);
  }

  /** It may end after all, and then its port says so; but the program need not wait for that. */
  protected override abandon(): void {
    this.#port.unref();
  }

  /** Hears no more of it. */
  close(): void {
    this.#port.close();
  }

  #hear(message: unknown): void {
    if (!isUp(message)) return this.received(message);
    standBack(message.worker);
    this.received("up");
  }

  async #closed(): Promise<void> {
    const silent: ThreadEnd = { kind: "crashed", reason: "its thread ended without a word" };
    const late = this.#clock.setTimer(REASON_MS, () => this.#reason.resolve(silent));
    this.hasEnded(await this.#reason.promise);
    late.cancel();
  }
}

function isUp(message: unknown): message is LaneUp {
  return (message as LaneUp | undefined)?.type === "up";
}
