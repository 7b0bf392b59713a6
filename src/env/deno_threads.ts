import type { Clock } from "./clock.ts";
import type { ThreadLimits } from "./deno_thread_base.ts";
import { openProcessWarden } from "./deno_process_warden.ts";
import { openReaders } from "./deno_reader.ts";
import { openWorkerWarden } from "./deno_worker_warden.ts";
import type { ScopeSpec, Threads } from "./threads.ts";

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
      return openerOf(spec)(sw, spec, clock, limits);
    },
  };
}

function openerOf({ isolation, onlyReads = false }: ScopeSpec) {
  if (isolation === "process") return openProcessWarden;
  return onlyReads ? openReaders : openWorkerWarden;
}
