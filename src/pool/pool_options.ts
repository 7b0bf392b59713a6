import type { Dir, Env, Isolation } from "../env/mod.ts";
import type { Grants } from "./jobs/grants.ts";
import type { StuckOptions } from "./lanes/stuck_lanes.ts";
import type { CacheOptions } from "./reuse/result_cache.ts";
import type { Services } from "./talk/services.ts";

/** What of the machine a pool needs. */
export type PoolEnv = Pick<Env, "threads" | "clock" | "log">;

/** How many requests wait at most, where nothing else is said. */
export const MAX_QUEUE = 10_000;

/** Options for `WorkerPool.open`. */
export interface WorkerPoolOptions extends StuckOptions {
  /** The folder of job files. */
  readonly jobs: Dir;

  /**
   * Whether job files that change, come or go are taken up while the pool is open: by new lanes, when
   * these are ready; what runs then ends on the old ones. A file that is broken stays as it was.
   *
   * @default {false}
   */
  readonly watch?: boolean;

  /** What the operator grants each job, by its name. Nothing is granted that is not named here. */
  readonly grants?: Grants;

  /**
   * What the server offers its jobs: functions that they call by these names. A job lists those that
   * it calls, and the operator grants them, as permissions.
   *
   * @default {nothing}
   */
  readonly services?: Services;

  /**
   * How many jobs run at full share.
   *
   * @default {the cores of the machine}
   */
  readonly cores?: number;

  /**
   * How many lanes are kept ready beyond the cores. One takes the place of a lane that was killed
   * at once, and they serve short jobs while long ones hold the cores.
   *
   * @default {2}
   */
  readonly spares?: number;

  /**
   * Which lanes opening waits for: all that are kept ready, or the first of each scope. The others
   * follow then, while jobs run already.
   *
   * @default {"all"}
   */
  readonly waitFor?: "all" | "first";

  /**
   * How many lanes a scope has at most, when long jobs hold the others.
   *
   * @default {4 for each core, and the spares}
   */
  readonly maxLanes?: number;

  /**
   * How many jobs a lane runs before it is replaced by a fresh one.
   *
   * @default {Infinity}
   */
  readonly maxLaneJobs?: number;

  /**
   * How long a lane is used before it is replaced by a fresh one, in milliseconds.
   *
   * @default {Infinity}
   */
  readonly maxLaneAgeMs?: number;

  /**
   * How many requests wait at most; one more is refused as `BUSY`.
   *
   * @default {10_000}
   */
  readonly maxQueue?: number;

  /**
   * How many requests of one submitter wait at most; one more is refused as `BUSY`.
   *
   * @default {maxQueue}
   */
  readonly maxQueuePerSubmitter?: number;

  /**
   * How long a request may wait in the queue, in milliseconds; then it is refused as `BUSY`.
   *
   * @default {60_000}
   */
  readonly maxQueueMs?: number;

  /**
   * How long a job may run, from its start, where its file does not say, in milliseconds.
   *
   * @default {30_000}
   */
  readonly deadlineMs?: number;

  /**
   * How long a job that was asked to stop may take before it is killed, in milliseconds.
   *
   * @default {100}
   */
  readonly graceMs?: number;

  /**
   * The heap of each lane, in MiB. Its array buffers and WebAssembly memories may take as much again
   * each, and are bounded less sharply.
   *
   * @default {128}
   */
  readonly memoryMb?: number;

  /**
   * How jobs are kept apart from this process: `worker` for lanes inside it, `process` for a
   * process each, `auto` for lanes where the self-test proves that they can be killed, and
   * processes elsewhere. With `worker`, `open` rejects where the proof fails.
   *
   * @default {"auto"}
   */
  readonly isolation?: Isolation | "auto";

  /**
   * Whether identical requests that are under way at the same time share one run, for jobs that
   * are declared pure. Each still has its own outcome, cancel and deadline; the run is stopped when
   * the last of them has left. Identical are equal texts, and equal plain data, up to 8,192 units.
   *
   * @default {false}
   */
  readonly coalesce?: boolean;

  /**
   * Keeps results of jobs that are declared pure, and gives them again for some time. It coalesces
   * as well, so that what many ask for runs once when its time is over, and not for each of them.
   *
   * @default {no result is kept}
   */
  readonly cache?: CacheOptions;

  /**
   * Whether to prove at start-up that busy lanes can be killed. Turn it off where threads are fakes.
   *
   * @default {true}
   */
  readonly selfTest?: boolean;
}
