import type { Isolation, Warden } from "../env/mod.ts";
import type { Switch } from "../switch/mod.ts";
import type { Job } from "./jobs/catalogue.ts";
import { JobFolder } from "./jobs/job_folder.ts";
import type { JobVersion } from "./jobs/job_versions.ts";
import { Cores } from "./lanes/cores.ts";
import type { LaneLimits } from "./lanes/lane_keeper.ts";
import { testKills } from "./lanes/self_test.ts";
import { StuckLanes } from "./lanes/stuck_lanes.ts";
import { PoolError } from "./pool_error.ts";
import type { PoolEnv, WorkerPoolOptions } from "./pool_options.ts";
import { Scopes } from "./scopes.ts";
import { Supervisor } from "./supervisor.ts";
import { CallDesk } from "./talk/call_desk.ts";

/** What a pool is made of. */
export interface PoolParts {
  /** The jobs that there are now. */
  jobs: ReadonlyMap<string, Job>;
  readonly supervisor: Supervisor;
  readonly isolation: Isolation;
  /** What isolation is in force and how that is known, in one line. */
  readonly finding: string;
}

/** Chooses the isolation, reads the job files, and starts the scopes: side by side where it can. */
export async function openParts(
  sw: Switch,
  env: PoolEnv,
  options: WorkerPoolOptions,
): Promise<PoolParts> {
  const cores = options.cores ?? env.threads.cores;
  const stuck = new StuckLanes(env, options, (scope) => scopes.moveToProcesses(scope));
  const desk = new CallDesk(options.services);
  const supervisor = new Supervisor(env, new Cores(cores), stuck, desk);
  const scopes: Scopes = new Scopes(sw, env, supervisor, options, laneLimits(cores, options));
  const asked = options.isolation ?? "auto";
  const isolation = asked === "process" ? "process" : "worker";

  const base = await scopes.openBase(isolation);
  const folder = new JobFolder(sw, env, options);
  // Threads start half a second late and one after the other: first the one whose news the others
  // wait for. Processes start at once: the warm ones when it is known that there can be any.
  const reading = folder.readFirst(base.warden);
  const proving = proveIsolation(base.warden, env, options);
  const warm = isolation === "worker" ? base.scope.warmUp(options.waitFor) : undefined;
  const [finding, version] = await Promise.all([proving, reading]);
  if (finding.passed) {
    checkGrants(version, options);
    const jobs = await scopes.assign(version, base.scope);
    await warm;
    const text = finding.text + exceptions(jobs, isolation);
    const parts: PoolParts = { jobs, supervisor, isolation, finding: text };
    folder.watch(base.warden, async (version) => {
      parts.jobs = await scopes.reassign(version);
      return parts.jobs;
    });
    return parts;
  }
  base.scope.close();
  if (asked === "worker") {
    throw new PoolError(
      `Cannot isolate jobs by workers here: ${finding.text}. Start with --v8-flags=--no-turboshaft-loop-unrolling,--no-concurrent-recompilation, or with the process isolation`,
    );
  }
  env.log.warn("Busy lanes cannot be killed here: jobs run in processes", { test: finding.text });
  return await openParts(sw, env, { ...options, isolation: "process" });
}

/** A grant that is never used is a slip of the operator's, and may be the one that was needed. */
function checkGrants({ jobs, broken }: JobVersion, { grants = {} }: WorkerPoolOptions): void {
  const names = jobs.map(({ manifest }) => manifest.name);
  const stranger = Object.keys(grants).find((name) => !names.includes(name));
  if (stranger === undefined || broken.length > 0) return; // its file may be one of the broken ones
  throw new PoolError(
    `Cannot grant anything to the job "${stranger}": there is none of that name. There are: ${
      names.join(", ")
    }`,
  );
}

/** Which jobs do not run in what the others run in, to end the line that says so. */
function exceptions(jobs: ReadonlyMap<string, Job>, isolation: Isolation): string {
  const names = [...jobs.values()].flatMap(({ name, scope }) =>
    typeof scope !== "string" && scope.spec.isolation !== isolation ? [name] : []
  );
  return names.length === 0 ? "" : `; processes for ${names.join(", ")}`;
}

function laneLimits(cores: number, options: WorkerPoolOptions): LaneLimits {
  const { spares = 2, maxLanes, maxLaneJobs = Infinity, maxLaneAgeMs = Infinity } = options;
  const warm = cores + spares;
  const max = Math.max(maxLanes ?? cores * 4 + spares, warm);
  return { warm, spares, cold: 1, max, maxJobs: maxLaneJobs, maxAgeMs: maxLaneAgeMs };
}

interface Finding {
  readonly passed: boolean;
  readonly text: string;
}

async function proveIsolation(
  warden: Warden,
  { clock }: PoolEnv,
  { selfTest = true }: WorkerPoolOptions,
): Promise<Finding> {
  const what = warden.spec.isolation === "worker" ? "lanes in worker threads" : "processes";
  if (!selfTest) return { passed: true, text: `${what} (not tested)` };
  const { passed, finding } = await testKills(warden, clock);
  return { passed, text: `${what} (self-test: ${finding})` };
}
