import type { Clock } from "./clock.ts";
import type { ThreadLimits } from "./deno_thread_base.ts";
import { openProcessWarden } from "./deno_process_warden.ts";
import { openWorkerWarden } from "./deno_worker_warden.ts";
import type { Threads } from "./threads.ts";

const MIB = 2 ** 20;

/** Threads as Deno has them. The clock times their starts and kills. */
export function denoThreads(clock: Clock, limits: ThreadLimits = {}): Threads {
  return {
    cores: navigator.hardwareConcurrency,
    residentMb() {
      const { rss, heapTotal, external } = Deno.memoryUsage();
      return (rss - heapTotal - external) / MIB;
    },
    open(sw, spec) {
      const open = spec.isolation === "worker" ? openWorkerWarden : openProcessWarden;
      return open(sw, spec, clock, limits);
    },
  };
}
