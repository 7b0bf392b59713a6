import type { Log } from "../env/mod.ts";
import type { Connection } from "../net/mod.ts";
import type { WorkerPool } from "../pool/mod.ts";
import {
  type Command,
  type CommandOptions,
  type Dialects,
  isImmediate,
  isJobName,
  nearest,
  type Reply,
  replyAtOnce,
  type RpcError,
  type Stats,
  statsLines,
} from "../protocol/mod.ts";
import type { Switch } from "../switch/mod.ts";
import { Conversation } from "./conversation.ts";
import { JobDirectory } from "./job_directory.ts";

/** What a {@linkcode Dispatcher} needs of a {@linkcode WorkerPool}. */
export type JobPool = Pick<WorkerPool, "jobs" | "enqueue" | "cancel">;

/** What a {@linkcode Dispatcher} works with. */
export interface DispatcherOptions {
  readonly pool: JobPool;
  readonly log: Log;
  readonly dialects: Dialects;
  /** The job that a line with just a number goes to. */
  readonly defaultJob: string;
  /** The longest line, for the reply to a longer one. */
  readonly maxLineBytes: number;
  /** The longest line of a reply; one that is longer gives way to an error that says so. */
  readonly maxReplyBytes: number;
  /** After how many lines that cannot be read a connection is closed. */
  readonly maxProtocolErrors: number;
  /** How many requests of one connection may be under way before it is not read. */
  readonly maxInFlight: number;
  /** Aborted when the server drains: what was asked for is answered, and nothing more is read. */
  readonly draining: AbortSignal;
  /** What `STATS` shows, of everything or of one job. */
  readonly stats: (job?: string) => Stats;
}

/** What is repeated of a name that is no job's. */
const LONGEST_NAME = 80;

/** Turns lines into jobs and outcomes into replies. */
export class Dispatcher {
  readonly options: DispatcherOptions;
  #directory: JobDirectory;

  constructor(options: DispatcherOptions) {
    this.options = options;
    this.#directory = new JobDirectory(options.pool.jobs, options);
  }

  /** How lines are read: it knows the jobs that there are now. */
  get grammar(): CommandOptions {
    return this.#jobs.grammar;
  }

  /**
   * Answers a connection until it has no more requests, then ends it. Every line gets its one
   * reply, in the order of the lines. When `sw` is cancelled, so are the connection's jobs, and
   * this returns when the last of them has stopped (law 7).
   */
  async serve(sw: Switch, connection: Connection): Promise<void> {
    await new Conversation(this, sw, connection).run();
  }

  /** The reply to a command that needs no job. */
  replyTo(command: Exclude<Command, { kind: "job" | "cancel" | "rpc" }>): Reply {
    if (isImmediate(command)) return replyAtOnce(command);
    switch (command.kind) {
      case "help":
        return { kind: "block", lines: this.#jobs.help(command.job) };
      case "jobs":
        return { kind: "block", lines: this.#jobs.list() };
      case "stats":
        return { kind: "block", lines: statsLines(this.options.stats(command.job)) };
    }
  }

  /** The jobs as an OpenRPC document, in JSON. */
  openRpc(): string {
    return this.#jobs.openRpc();
  }

  /** Why there is no method of this name. */
  unknownMethod(method: string): RpcError {
    const near = isJobName(method) ? nearest(method, this.grammar.jobs) : undefined;
    const name = JSON.stringify(method.slice(0, LONGEST_NAME));
    const remedy = near === undefined ? "rpc.discover lists all" : `did you mean "${near}"?`;
    const message = `Cannot find the job ${name}: there is none of that name; ${remedy}`;
    return { code: "UNKNOWN_JOB", message };
  }

  /** The directory of the jobs that there are now: job files may change while it serves. */
  get #jobs(): JobDirectory {
    const { jobs } = this.options.pool;
    if (jobs !== this.#directory.jobs) this.#directory = new JobDirectory(jobs, this.options);
    return this.#directory;
  }
}
