import type { Switch } from "../switch/mod.ts";
import type { Clock } from "./clock.ts";
import { toWorkerPermissions, withRuntimeSources } from "./deno_permissions.ts";
import { ThreadBase, type ThreadLimits } from "./deno_thread_base.ts";
import type { ScopeSpec, Warden } from "./threads.ts";

/** Opens a scope whose threads read code and run none: Web Workers, which are up at once. */
export async function openReaders(
  sw: Switch,
  spec: ScopeSpec,
  clock: Clock,
  limits: ThreadLimits,
): Promise<Warden> {
  sw.check();
  await Promise.resolve();
  return {
    spec,
    start: async () => {
      await Promise.resolve();
      const reader = new Reader(spec, clock, limits);
      sw.onRelease(() => void reader.kill());
      return reader.started();
    },
  };
}

class Reader extends ThreadBase {
  readonly shared = undefined;
  readonly #worker: Worker;

  constructor(spec: ScopeSpec, clock: Clock, limits: ThreadLimits) {
    super(clock, limits);
    this.#worker = new Worker(new URL("../../workers/runtime/reader.ts", import.meta.url), {
      type: "module",
      name: spec.name,
      deno: { permissions: toWorkerPermissions(withRuntimeSources(spec.permissions)) },
    });
    this.#worker.onmessage = ({ data }) => this.received(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // else it would end the whole process
      this.#worker.terminate();
      this.hasEnded({ kind: "crashed", reason: event.message });
    };
  }

  /** Its memory is a part of this process's. */
  residentMb(): undefined {}

  post(message: unknown, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  /** Nothing in it loops, so that it is taken at its word. */
  protected override startKill(): void {
    this.#worker.terminate();
    this.hasEnded({ kind: "killed" });
  }

  protected override abandon(): void {}
}
