import { DirChanges } from "../../src/env/dir_changes.ts";
import { type Dir, type FakeClock, type FakeThreads, realEnv } from "../../src/env/mod.ts";
import { WorkerPool, type WorkerPoolOptions } from "../../src/pool/mod.ts";
import { QUIET_MS } from "../../src/pool/jobs/watch_jobs.ts";
import type { Switch } from "../../src/switch/mod.ts";
import { WatchedLog } from "../server/watched_log.ts";
import { FakePool } from "./fake_pool.ts";

/** A folder of job files that a test changes, on the disk: lanes import from nowhere else. */
export class JobFolder {
  readonly log = new WatchedLog();
  readonly dir: Dir;
  readonly #seen = new Map<string, number>();

  private constructor(dir: Dir) {
    this.dir = dir;
  }

  static async make(sw: Switch): Promise<JobFolder> {
    return new JobFolder(await (await realEnv().fs.subtree("tmp")).tempDir(sw));
  }

  /** Writes the file of a job that runs `run`, a function as text. */
  async write(name: string, run: string, head = ""): Promise<void> {
    const input = '{ "~standard": { version: 1, vendor: "", validate: (value) => ({ value }) } }';
    const job = `{ name: "${name}", summary: "", input: ${input}, run: ${run} }`;
    await this.dir.writeText(`${name}.ts`, `${head}\nexport default ${job};\n`);
  }

  /** Resolves when a message that matches has been logged once more than when it was waited for last. */
  async untilLogged(pattern: RegExp): Promise<void> {
    const count = () => this.log.records.filter(({ message }) => pattern.test(message)).length;
    const seen = this.#seen.get(pattern.source) ?? 0;
    await this.log.until(() => count() > seen);
    this.#seen.set(pattern.source, seen + 1);
  }
}

/** A pool on fake lanes that watches a folder, whose changes the test tells of. */
export class WatchedPool {
  readonly folder: JobFolder;
  readonly pool: WorkerPool;
  readonly threads: FakeThreads;
  readonly #changes: DirChanges;
  readonly #clock: FakeClock;

  private constructor(
    folder: JobFolder,
    pool: WorkerPool,
    changes: DirChanges,
    { clock, threads }: FakePool,
  ) {
    this.folder = folder;
    this.pool = pool;
    this.threads = threads;
    this.#changes = changes;
    this.#clock = clock;
  }

  /** Opens it with one lane, and the jobs that are in the folder. */
  static async open(
    sw: Switch,
    folder: JobFolder,
    options: Partial<WorkerPoolOptions> = {},
  ): Promise<WatchedPool> {
    const fake = new FakePool();
    const { clock, threads } = fake.env;
    const changes = new DirChanges(sw);
    const { path } = folder.dir;
    const jobs = { path, list: () => folder.dir.list(), watch: () => changes } as unknown as Dir;
    const pool = await WorkerPool.open(sw, { clock, threads, log: folder.log.log }, {
      cores: 1,
      spares: 0,
      selfTest: false,
      maxLanes: 1,
      watch: true,
      ...options,
      jobs,
    });
    return new WatchedPool(folder, pool, changes, fake);
  }

  /** Tells of a change, and waits until it was taken up. */
  async changed(): Promise<void> {
    this.#changes.add("a file");
    await this.#clock.settle();
    this.#clock.tick(QUIET_MS);
    await this.folder.untilLogged(/have changed/);
  }

  /** Lets what is under way go on. */
  settle(): Promise<void> {
    return this.#clock.settle();
  }

  /** The result of a job; where there is none, the kind of its outcome. */
  async run(name: string, input: unknown = 0): Promise<unknown> {
    const outcome = await this.pool.submit(name, input);
    return outcome.kind === "done" ? outcome.result : outcome.kind;
  }
}
