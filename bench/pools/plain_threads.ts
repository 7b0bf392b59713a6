import { Worker as NodeWorker } from "node:worker_threads";
import type {
  KillReport,
  ScopeSpec,
  Switch,
  Thread,
  ThreadEnd,
  Threads,
  Warden,
} from "@switchyard/switchyard";

const PROGRAM = new URL("./plain_lane.ts", import.meta.url);

/**
 * Workers as one would start them without a second thought, for the pool to run its jobs in: the
 * same program and the same shared memory as in a lane, but no permissions taken away, no heap
 * limit, nothing closed, and no way to kill a busy one. What lanes take longer is the price of that.
 */
export class PlainThreads implements Threads {
  readonly cores = navigator.hardwareConcurrency;
  readonly #kind: "web" | "node";

  constructor(kind: "web" | "node") {
    this.#kind = kind;
  }

  residentMb(): number {
    return 0;
  }

  open(sw: Switch, spec: ScopeSpec): Promise<Warden> {
    const threads = new Set<PlainThread>();
    sw.onRelease(() => threads.forEach((thread) => void thread.kill()));
    const start = async (sharedBytes: number) => {
      const thread = new PlainThread(this.#kind, sharedBytes);
      threads.add(thread);
      await thread.up;
      return thread;
    };
    return Promise.resolve({ spec, start });
  }
}

let lastId = 0;

class PlainThread implements Thread {
  readonly id = ++lastId;
  readonly shared: SharedArrayBuffer;
  readonly up: Promise<void>;
  readonly ended: Promise<ThreadEnd>;
  readonly #worker: Worker | NodeWorker;
  readonly #port: MessagePort;
  readonly #end = Promise.withResolvers<ThreadEnd>();
  #receive: (message: unknown) => void = () => {};

  constructor(kind: "web" | "node", sharedBytes: number) {
    this.shared = new SharedArrayBuffer(sharedBytes);
    this.ended = this.#end.promise;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const up = Promise.withResolvers<void>();
    this.up = up.promise;
    port1.onmessage = ({ data }) => data === "up" ? up.resolve() : this.#receive(data);
    this.#worker = kind === "web"
      ? new Worker(PROGRAM, { type: "module" })
      : new NodeWorker(PROGRAM);
    const data = { port: port2, memory: this.shared };
    this.#worker.postMessage(data, [
      port2 as MessagePort & import("node:worker_threads").MessagePort,
    ]);
  }

  residentMb(): undefined {}

  post(message: unknown): void {
    this.#port.postMessage(message);
  }

  onMessage(fn: (message: unknown) => void): void {
    this.#receive = fn;
  }

  kill(): Promise<KillReport> {
    this.#port.close();
    void this.#worker.terminate();
    this.#end.resolve({ kind: "killed" });
    return Promise.resolve({ verified: false, ms: 0 });
  }
}
