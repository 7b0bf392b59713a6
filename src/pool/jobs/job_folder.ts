import { stripVTControlCharacters } from "node:util";
import type { DirWatcher, Log, Warden } from "../../env/mod.ts";
import type { Switch } from "../../switch/mod.ts";
import { fileOf, type Job } from "./catalogue.ts";
import { type JobVersion, JobVersions, type ReadingEnv } from "./job_versions.ts";
import type { WorkerPoolOptions } from "../pool_options.ts";
import { PoolError } from "../pool_error.ts";
import { watchJobs } from "./watch_jobs.ts";

/** What a folder of job files needs of the machine. */
interface FolderEnv extends ReadingEnv {
  readonly log: Log;
}

/** Has lanes load a version of the jobs. Resolves to the jobs that there are then. */
export type TakeUp = (version: JobVersion) => Promise<ReadonlyMap<string, Job>>;

/** The folder of job files: read once, or watched as long as the pool is open. */
export class JobFolder {
  readonly #sw: Switch;
  readonly #env: FolderEnv;
  readonly #options: Pick<WorkerPoolOptions, "jobs" | "watch">;
  readonly #versions: JobVersions;
  readonly #watcher: DirWatcher | undefined;

  constructor(
    sw: Switch,
    env: FolderEnv,
    options: Pick<WorkerPoolOptions, "jobs" | "watch">,
  ) {
    this.#sw = sw;
    this.#env = env;
    this.#options = options;
    this.#versions = new JobVersions(sw, env, options.jobs, options.watch ?? false);
    // Before the first look, so that no change is missed.
    if (options.watch) this.#watcher = options.jobs.watch(sw);
  }

  /** Reads the job files. Rejects with a {@linkcode PoolError} where there is not one to be used. */
  async readFirst(warden: Warden): Promise<JobVersion> {
    const version = (await this.#versions.read(warden))!;
    for (const { url, reason } of version.broken) {
      this.#env.log.error("Cannot use a job file", {
        file: fileOf(url),
        reason: inOneLine(reason),
      });
    }
    if (version.jobs.length > 0) return version;
    const { path } = this.#options.jobs;
    throw new PoolError(`Cannot open the pool: no job file in ${path} could be used`);
  }

  /** Has each later version taken up, if the folder is watched. Returns at once. */
  watch(warden: Warden, takeUp: TakeUp): void {
    const watcher = this.#watcher;
    if (watcher === undefined) return;
    this.#sw.forkDaemon((signal) =>
      watchJobs(watcher, this.#env, (paths) => this.#takeUp(paths, warden, takeUp), signal)
    );
  }

  async #takeUp(paths: readonly string[], warden: Warden, takeUp: TakeUp): Promise<void> {
    const version = await this.#versions.read(warden);
    if (version === undefined) return;
    const { log } = this.#env;
    for (const { url, reason } of version.broken) {
      const isKept = version.jobs.some((job) => fileOf(job.url) === fileOf(url));
      const outcome = isKept ? "its last version stays" : "its job is left out";
      log.error(`Cannot use a changed job file: ${outcome}`, {
        file: fileOf(url),
        reason: inOneLine(reason),
      });
    }
    if (!version.isNew) return;
    const jobs = await takeUp(version);
    log.info("job files have changed: new requests run the new code", {
      files: paths.join(" "),
      jobs: [...jobs.keys()].join(" "),
    });
  }
}

/** The platform shows where in a file something is wrong, by lines of it, and in colours. */
function inOneLine(reason: string): string {
  return stripVTControlCharacters(reason).replaceAll(/\s+/g, " ");
}
