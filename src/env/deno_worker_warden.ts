import type { Switch } from "../switch/mod.ts";
import type { FromWarden, ToWarden } from "../../workers/runtime/warden.ts";
import type { Clock } from "./clock.ts";
import { toWorkerPermissions, withRuntimeSources } from "./deno_permissions.ts";
import { ThreadBase } from "./deno_thread_base.ts";
import type { ScopeSpec, Thread, ThreadEnd, Warden } from "./threads.ts";

/** The part of the Web Locks API that is used here. Deno has it, and does not declare it. */
interface LockManager {
  request(name: string, callback: () => unknown): Promise<unknown>;
}

const { locks } = navigator as unknown as { readonly locks: LockManager };

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

class WorkerWarden implements Warden {
  readonly spec: ScopeSpec;
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #lanes = new Map<number, Lane>();

  constructor(spec: ScopeSpec, clock: Clock) {
    this.spec = spec;
    this.#clock = clock;
    this.#worker = new Worker(new URL("../../workers/runtime/warden.ts", import.meta.url), {
      type: "module",
      name: `warden ${spec.name}`,
      deno: { permissions: toWorkerPermissions(withRuntimeSources(spec.permissions)) },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWarden>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      // Else the error of a warden would end the whole process.
      event.preventDefault();
      this.#lost(event.message);
    };
  }

  start(sharedBytes: number): Promise<Thread> {
    const lane = new Lane(this.#clock, sharedBytes, (message, transfer) => {
      this.#worker.postMessage(message, transfer);
    });
    this.#lanes.set(lane.id, lane);
    lane.begin(this.spec.memoryMb);
    return lane.started();
  }

  /** Kills all lanes, sees them dead, and ends the warden. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.kill()));
    this.#worker.terminate();
  }

  #hear(message: FromWarden): void {
    const lane = this.#lanes.get(message.id);
    this.#lanes.delete(message.id);
    lane?.dead(endOf(message));
  }

  /** The warden itself has failed: with it go all its lanes. */
  #lost(reason: string): void {
    this.#worker.terminate();
    for (const lane of this.#lanes.values()) {
      lane.dead({ kind: "crashed", reason: `its warden failed: ${reason}` });
    }
    this.#lanes.clear();
  }
}

function endOf(message: FromWarden): ThreadEnd {
  if (message.type === "killed") return { kind: "killed" };
  if (message.code === "ERR_WORKER_OUT_OF_MEMORY") return { kind: "out-of-memory" };
  return { kind: "crashed", reason: message.reason };
}

/** A lane, seen from the main thread: its port leads to it past the warden. */
class Lane extends ThreadBase {
  readonly shared: SharedArrayBuffer;
  readonly #port: MessagePort;
  readonly #far: MessagePort;
  readonly #lock = `lane-${crypto.randomUUID()}`;
  readonly #tellWarden: (message: ToWarden, transfer: Transferable[]) => void;

  constructor(
    clock: Clock,
    sharedBytes: number,
    tellWarden: (message: ToWarden, transfer: Transferable[]) => void,
  ) {
    super(clock);
    this.shared = new SharedArrayBuffer(sharedBytes);
    this.#tellWarden = tellWarden;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#far = port2;
    this.#port.onmessage = ({ data }) => this.received(data);
  }

  /** Has the warden start the thread. */
  begin(memoryMb: number): void {
    const data = { port: this.#far, memory: this.shared, lock: this.#lock };
    this.#tellWarden({ type: "start", id: this.id, memoryMb, data }, [this.#far]);
  }

  post(message: unknown): void {
    this.#port.postMessage(message);
  }

  /** Takes the news of its end. What it sent before is still read: the port closes a turn later. */
  dead(end: ThreadEnd): void {
    setTimeout(() => {
      this.#port.close();
      this.hasEnded(end);
    }, 0);
  }

  /**
   * Has the warden kill the thread, and waits here, too, for the lock that it has held since it was
   * up: a warden that is starting another thread tells of the end a fifth of a second late.
   */
  protected override startKill(): void {
    this.#tellWarden({ type: "kill", id: this.id }, []);
    if (this.isUp) void locks.request(this.#lock, () => this.dead({ kind: "killed" }));
  }
}
