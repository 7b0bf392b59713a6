import type { Job } from "../pool/mod.ts";
import {
  type Command,
  type CommandOptions,
  isJobName,
  nearest,
  type Reply,
  replyAtOnce,
  type RpcError,
  type Stats,
  statsLines,
} from "../protocol/mod.ts";
import type { DispatcherOptions } from "./dispatcher.ts";
import { JobDirectory } from "./job_directory.ts";
import { type Refusal, refusal } from "./refusals.ts";

/** What is repeated of a name that is no job's. */
const LONGEST_NAME = 80;

/** A command that is neither for a job nor about the connection itself. */
export type PlainCommand = Exclude<Command, { kind: "job" | "cancel" | "rpc" | "auth" }>;

/** The jobs that there are for some clients, and what these are told of them. */
export class Offer {
  readonly #options: DispatcherOptions;
  readonly #names: ReadonlySet<string> | undefined;
  #directory: JobDirectory;

  /** `names` are those of the jobs; without them it is all that the pool has. */
  constructor(options: DispatcherOptions, names?: readonly string[]) {
    this.#options = options;
    this.#names = names && new Set(names);
    this.#directory = new JobDirectory(options.pool.jobs, options, this.#names);
  }

  /** How lines are read: it knows the jobs that there are now. */
  get grammar(): CommandOptions {
    return this.#jobs.grammar;
  }

  /** Whether there are jobs that are not in it. */
  get isPart(): boolean {
    return this.#names !== undefined;
  }

  /** The job that numbers go to, if it is in it. */
  get defaultJob(): Job | undefined {
    return this.#jobs.defaultJob;
  }

  /** The job of this name, if it is in it. */
  find(name: string): Job | undefined {
    const isIn = this.#names === undefined || this.#names.has(name);
    return isIn ? this.#options.pool.jobs.get(name) : undefined;
  }

  /** The reply to a command that needs no job; `who` tells what `STATS` says of who asks. */
  replyTo(command: PlainCommand, who: () => Stats): Reply {
    switch (command.kind) {
      case "help":
        return { kind: "block", lines: this.#jobs.help(command.job) };
      case "jobs":
        return { kind: "block", lines: this.#jobs.list() };
      case "stats": {
        const asker = command.job === undefined ? who() : {};
        const stats = { ...asker, ...this.#options.stats(command.job) };
        return { kind: "block", lines: statsLines(stats) };
      }
      default:
        return replyAtOnce(command);
    }
  }

  /** The jobs as an OpenRPC document, in JSON. */
  openRpc(): string {
    return this.#jobs.openRpc();
  }

  /** Why there is no method of this name for a client. */
  unknownMethod(method: string): RpcError {
    const denial = this.denial(method);
    if (denial !== undefined) return denial;
    const near = isJobName(method) ? nearest(method, this.grammar.jobs) : undefined;
    const name = JSON.stringify(method.slice(0, LONGEST_NAME));
    const remedy = near === undefined ? "rpc.discover lists all" : `did you mean "${near}"?`;
    const message = `Cannot find the job ${name}: there is none of that name; ${remedy}`;
    return { code: "UNKNOWN_JOB", message };
  }

  /** Why a line for a job cannot be served, where that job is there, though not for this client. */
  denialOf(line: string): Refusal | undefined {
    return this.#names && this.denial(/^(?:(?:HELP|STATS) )?([^ ]*)/.exec(line)![1]!);
  }

  /** Why a client may not have the job of this name, where it is there. */
  denial(name: string): Refusal | undefined {
    if (this.find(name) !== undefined || !this.#options.pool.jobs.has(name)) return undefined;
    const message = `Cannot run the job "${name}": it is not one of yours; ask the operator`;
    return refusal("DENIED", message);
  }

  /** The directory of the jobs that there are now: job files may change while it serves. */
  get #jobs(): JobDirectory {
    const { jobs } = this.#options.pool;
    if (jobs !== this.#directory.jobs) {
      this.#directory = new JobDirectory(jobs, this.#options, this.#names);
    }
    return this.#directory;
  }
}
