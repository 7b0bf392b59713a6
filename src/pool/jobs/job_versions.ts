import type { Clock, Dir, Warden } from "../../env/mod.ts";
import { type BrokenJob, type Catalogue, findJobFiles, readCatalogue } from "./catalogue.ts";
import { fileOf, type ReadJob, toFileUrl } from "./catalogue.ts";
import type { ReadCode, Snapshot } from "../link/mod.ts";

/** The job files as they were at one time. */
export interface JobVersion {
  /** The jobs; one whose file is broken now is there as it was. */
  readonly jobs: readonly ReadJob[];

  /** The files that are broken. */
  readonly broken: readonly BrokenJob[];

  /** Whether it differs from the version before in more than what is broken. */
  readonly isNew: boolean;

  /** The code of the jobs, and of those that were removed; none where the files are not watched. */
  readonly snapshot: Snapshot | undefined;
}

const NO_CODE: ReadCode = { sources: {}, packages: [] };

/**
 * Reads job files that change while the pool is open. Each reading is a version of its own, which the
 * URLs tell apart by their query; its code is kept, so that every lane of a version runs the same.
 */
export class JobVersions {
  readonly #dir: Dir;
  readonly #clock: Clock;
  #count = 0;
  #jobs: readonly ReadJob[] = [];
  #code: ReadCode = NO_CODE;
  readonly #texts = new Map<string, string>();
  #fingerprint: string | undefined;

  constructor(dir: Dir, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
  }

  /** Reads the files. Resolves to `undefined` where they are, word for word, as they were. */
  async read(warden: Warden): Promise<JobVersion | undefined> {
    const query = `?v=${++this.#count}`;
    const files = await findJobFiles(this.#dir);
    const folder = `${toFileUrl(this.#dir.path)}/`;
    const urls = files.map((url) => url + query);
    const catalogue = await readCatalogue(warden, this.#clock, urls, { ...NO_CODE, folder });
    if (this.#isKnown(catalogue)) return undefined;
    const jobs = this.#withKept(catalogue);
    const { broken, code } = catalogue;
    const isNew = this.#isNew(jobs, code);
    if (isNew) this.#accept(jobs, code);
    return { jobs: this.#jobs, broken, isNew, snapshot: { folder, ...this.#code } };
  }

  /** Whether it is what was read before, also in what is wrong with it. */
  #isKnown({ broken, code }: Catalogue): boolean {
    const texts = Object.entries(code.sources).map(([url, text]) => [fileOf(url), text]);
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

  #isNew(jobs: readonly ReadJob[], { sources }: ReadCode): boolean {
    const texts = Object.entries(sources);
    const namesOf = (jobs: readonly ReadJob[]) => jobs.map(({ manifest }) => manifest.name).join();
    if (texts.length === 0 || namesOf(jobs) !== namesOf(this.#jobs)) return true;
    return texts.some(([url, text]) => this.#texts.get(fileOf(url)) !== text);
  }

  #accept(jobs: readonly ReadJob[], { sources, packages }: ReadCode): void {
    const old = this.#jobs.filter((job) => jobs.includes(job) || !hasJob(jobs, job));
    this.#code = {
      sources: { ...this.#sourcesOf(old), ...sources },
      packages: [...new Set([...this.#code.packages, ...packages])],
    };
    for (const [url, text] of Object.entries(sources)) this.#texts.set(fileOf(url), text);
    this.#jobs = jobs;
  }

  /** All that was read with these jobs: what they share is not known. */
  #sourcesOf(jobs: readonly ReadJob[]): Record<string, string> {
    const versions = new Set(jobs.map(({ url }) => queryOf(url)));
    const entries = Object.entries(this.#code.sources);
    return Object.fromEntries(entries.filter(([url]) => versions.has(queryOf(url))));
  }
}

function hasJob(jobs: readonly ReadJob[], { manifest }: ReadJob): boolean {
  return jobs.some((job) => job.manifest.name === manifest.name);
}

function byName(a: ReadJob, b: ReadJob): number {
  return a.manifest.name < b.manifest.name ? -1 : 1;
}

function queryOf(url: string): string {
  return url.slice(fileOf(url).length);
}
