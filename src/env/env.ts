import type { Clock } from "./clock.ts";
import type { Dir } from "./dir.ts";
import type { Log } from "./log.ts";
import type { Net } from "./net.ts";
import type { Processes } from "./process.ts";
import type { Random, SecureRandom } from "./random.ts";
import type { Signals } from "./signals.ts";
import type { Threads } from "./threads.ts";
import type { Vars } from "./vars.ts";

/**
 * All the authority that a program has, each part under its name. Make it once, in `main.ts`, and
 * hand on the parts that are needed, not the whole.
 */
export interface Env {
  /** Sockets. */
  readonly net: Net;

  /** The time, and waiting for it. */
  readonly clock: Clock;

  /** Other cores. */
  readonly threads: Threads;

  /** The files below the current directory. */
  readonly cwd: Dir;

  /** All files of the machine, by paths relative to its root. */
  readonly fs: Dir;

  /** Environment variables. */
  readonly vars: Vars;

  /** Random numbers that anybody may guess. */
  readonly random: Random;

  /** Random bytes that nobody can guess. */
  readonly secureRandom: SecureRandom;

  /** Other programs. */
  readonly processes: Processes;

  /** What the operator, or the machine, sends to this program. */
  readonly signals: Signals;

  /** What the operator reads. */
  readonly log: Log;
}
