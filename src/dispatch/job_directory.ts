import { describePermissions, type Job } from "../pool/mod.ts";
import {
  type CommandOptions,
  type Dialects,
  helpLines,
  jobHelpLines,
  type JobInfo,
  jobsLines,
  openRpc,
} from "../protocol/mod.ts";

/** What a {@linkcode JobDirectory} is made for. */
export interface JobDirectoryOptions {
  readonly dialects: Dialects;
  /** The job that a line with just a number goes to. */
  readonly defaultJob: string;
}

/** What clients may know of a pool's jobs, worked out once for each set of them. */
export class JobDirectory {
  /** All jobs that there were when it was made. */
  readonly jobs: ReadonlyMap<string, Job>;
  readonly grammar: CommandOptions;
  /** The job that numbers go to. */
  readonly defaultJob: Job | undefined;
  readonly #infos: readonly JobInfo[];
  #openRpc: string | undefined;

  /** With `names`, a directory of those of the jobs. */
  constructor(
    jobs: ReadonlyMap<string, Job>,
    { dialects, defaultJob }: JobDirectoryOptions,
    names?: ReadonlySet<string>,
  ) {
    const listed = [...jobs.values()].filter(({ name }) => names?.has(name) ?? true);
    this.jobs = jobs;
    this.grammar = { dialects, defaultJob, jobs: new Set(listed.map(({ name }) => name)) };
    this.defaultJob = listed.find(({ name }) => name === defaultJob);
    this.#infos = listed.map(infoOf);
  }

  /** What `HELP` answers: for one job, if there is one of that name, and else for all. */
  help(name: string | undefined): string[] {
    const job = this.#infos.find((info) => info.name === name);
    return job === undefined ? helpLines(this.#infos, this.grammar.defaultJob) : jobHelpLines(job);
  }

  /** What `JOBS` answers. */
  list(): string[] {
    return jobsLines(this.#infos);
  }

  /** The jobs as an OpenRPC document, in JSON. */
  openRpc(): string {
    return this.#openRpc ??= openRpc(this.#infos);
  }
}

function infoOf({ name, manifest, deadlineMs, scope }: Job): JobInfo {
  const { summary, examples, takes, permissions } = manifest;
  const asksFor = describePermissions(permissions);
  const info = { name, summary, examples, takes, deadlineMs, asksFor };
  if (typeof scope === "string") return { ...info, denial: scope };
  return { ...info, memoryMb: scope.spec.memoryMb };
}
