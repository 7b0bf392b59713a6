import type { Dir, Env, Warden } from "../../env/mod.ts";
import type { Switch } from "../../switch/mod.ts";
import { NO_CODE, type Snapshot, snapshotOf } from "../link/mod.ts";
import {
  type BrokenJob,
  type Catalogue,
  fileOf,
  findJobFiles,
  readCatalogue,
} from "./catalogue.ts";
import type { ReadJob } from "./catalogue.ts";
import { readCode } from "./read_code.ts";

/** What reading job files takes. */
export type ReadingEnv = Pick<Env, "clock" | "threads">;

/** The job files as they were at one time. */
export interface JobVersion {
  /** The jobs; one whose file is broken now is there as it was. */
  readonly jobs: readonly ReadJob[];

  /** The files that are broken. */
  readonly broken: readonly BrokenJob[];

  /** Whether it differs from the version before in more than what is broken. */
  readonly isNew: boolean;

  /** The code of the jobs, and of those that were removed. */
  readonly snapshot: Snapshot;
}

/** A version, and the code that was read for it. */
interface Reading extends Catalogue {
  readonly snapshot: Snapshot;
}

/**
 * Reads job files. Their code is kept, so that every lane runs the same, and none has to read it.
 * Where files may change while the pool is open each reading is a version of its own, which the URLs
 * tell apart by their query.
 */
export class JobVersions {
  readonly #sw: Switch;
  readonly #env: ReadingEnv;
  readonly #dir: Dir;
  readonly #mayChange: boolean;
  #count = 0;
  #jobs: readonly ReadJob[] = [];
  #snapshot = NO_CODE;
  readonly #texts = new Map<string, string>();
  #fingerprint: string | undefined;

  constructor(sw: Switch, env: ReadingEnv, dir: Dir, mayChange: boolean) {
    this.#sw = sw;
    this.#env = env;
    this.#dir = dir;
    this.#mayChange = mayChange;
  }

  /**
   * Reads the files, and their manifests in threads of the warden. Resolves to `undefined` where they
   * are, word for word, as they were.
   */
  async read(warden: Warden): Promise<JobVersion | undefined> {
    const reading = await this.#read(warden);
    if (this.#isKnown(reading)) return undefined;
    const jobs = this.#withKept(reading);
    const isNew = this.#isNew(jobs, reading);
    if (isNew) this.#accept(jobs, reading);
    return { jobs: this.#jobs, broken: reading.broken, isNew, snapshot: this.#snapshot };
  }

  async #read(warden: Warden): Promise<Reading> {
    // Threads start late: this one before the files are known, and while another reads their code.
    const starting = warden.start(0);
    const [first, code] = await Promise.allSettled([starting, this.#readCode(warden)]);
    if (first.status === "rejected") throw first.reason;
    if (code.status === "rejected") {
      await first.value.kill();
      throw code.reason;
    }
    const { urls, snapshot, broken: unread } = code.value;
    const read = urls.filter((url) => unread[url] === undefined);
    const { jobs, broken } = await readCatalogue(warden, this.#env.clock, read, snapshot, starting);
    const unreadable = Object.entries(unread).map(([url, reason]) => ({ url, reason }));
    return { jobs, broken: [...unreadable, ...broken], snapshot };
  }

  async #readCode({ spec }: Warden) {
    const query = this.#mayChange ? `?v=${++this.#count}` : "";
    const urls = (await findJobFiles(this.#dir)).map((url) => url + query);
    return { urls, ...await readCode(this.#sw, this.#env, this.#dir, spec, urls) };
  }

  /** Whether it is what was read before, also in what is wrong with it. */
  #isKnown({ broken, snapshot: { sources } }: Reading): boolean {
    const texts = [...sources].map(([url, text]) => [fileOf(url), text]);
    const faults = broken.map(({ url, reason }) => [fileOf(url), reason]);
    const fingerprint = JSON.stringify([texts.sort(), faults.sort()]);
    const isKnown = texts.length > 0 && fingerprint === this.#fingerprint;
    this.#fingerprint = fingerprint;
    return isKnown;
  }

  /** The jobs that were read, and as they were those whose files are broken now. */
  #withKept({ jobs, broken }: Catalogue): readonly ReadJob[] {
    const names = new Set(jobs.map(({ manifest }) => manifest.name));
    const brokenFiles = new Set(broken.map(({ url }) => fileOf(url)));
    const kept = this.#jobs.filter(({ url, manifest }) =>
      brokenFiles.has(fileOf(url)) && !names.has(manifest.name)
    );
    return [...jobs, ...kept].sort(byName);
  }

  #isNew(jobs: readonly ReadJob[], { snapshot: { sources } }: Reading): boolean {
    const namesOf = (jobs: readonly ReadJob[]) => jobs.map(({ manifest }) => manifest.name).join();
    if (sources.size === 0 || namesOf(jobs) !== namesOf(this.#jobs)) return true;
    return [...sources].some(([url, text]) => this.#texts.get(fileOf(url)) !== text);
  }

  #accept(jobs: readonly ReadJob[], { snapshot }: Reading): void {
    const removed = this.#jobs.filter((job) => !hasJob(jobs, job));
    const urls = [...jobs, ...removed].map(({ url }) => url);
    this.#snapshot = snapshotOf([this.#snapshot, snapshot], urls);
    for (const [url, text] of snapshot.sources) this.#texts.set(fileOf(url), text);
    this.#jobs = jobs;
  }
}

function hasJob(jobs: readonly ReadJob[], { manifest }: ReadJob): boolean {
  return jobs.some((job) => job.manifest.name === manifest.name);
}

function byName(a: ReadJob, b: ReadJob): number {
  return a.manifest.name < b.manifest.name ? -1 : 1;
}
