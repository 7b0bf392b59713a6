import type { Env } from "./env.ts";
import type { LineLogOptions } from "./line_log.ts";
import type { Threads } from "./threads.ts";
import { denoClock } from "./deno_clock.ts";
import { denoDir } from "./deno_dir.ts";
import { denoLog } from "./deno_log.ts";
import { denoNet } from "./deno_net.ts";
import { denoProcesses } from "./deno_process.ts";
import { denoRandom, denoSecureRandom } from "./deno_random.ts";
import { denoSignals } from "./deno_signals.ts";
import { denoThreads } from "./deno_threads.ts";
import { denoVars } from "./deno_vars.ts";

/** Options for {@linkcode realEnv}. */
export interface RealEnvOptions {
  /** How the log looks, and the least level that it writes. */
  readonly log?: LineLogOptions;

  /**
   * The threads to run code on.
   *
   * @default {those of the platform}
   */
  readonly threads?: Threads;
}

/**
 * The authority of this process over the machine: its network, clock, threads, files, variables,
 * random numbers, programs, signals and standard error stream. Each use still needs Deno's permission. Call it once,
 * in the program's main file, and hand on the parts.
 *
 * ```ts
 * import { realEnv } from "@switchyard/switchyard";
 *
 * const { log } = realEnv({ log: { format: "json" } });
 * log.info("started", { pid: 1 });
 * ```
 */
export function realEnv(options: RealEnvOptions = {}): Env {
  const clock = denoClock();
  const random = denoRandom();
  const log = denoLog(clock, options.log);
  return {
    clock,
    random,
    secureRandom: denoSecureRandom(),
    log,
    net: denoNet(),
    threads: options.threads ?? denoThreads(clock),
    get cwd() {
      return denoDir(Deno.cwd());
    },
    get fs() {
      return denoDir("/");
    },
    vars: denoVars(),
    processes: denoProcesses(clock),
    signals: denoSignals(),
  };
}
