import type { Clock } from "./clock.ts";
import { openProcessWarden } from "./deno_process_warden.ts";
import { openWorkerWarden } from "./deno_worker_warden.ts";
import type { Threads } from "./threads.ts";

/** Threads as Deno has them. The clock times their starts and kills. */
export function denoThreads(clock: Clock): Threads {
  return {
    cores: navigator.hardwareConcurrency,
    open(sw, spec) {
      const open = spec.isolation === "worker" ? openWorkerWarden : openProcessWarden;
      return open(sw, spec, clock);
    },
  };
}
