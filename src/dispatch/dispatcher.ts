import type { Log } from "../env/mod.ts";
import type { Connection } from "../net/mod.ts";
import type { WorkerPool } from "../pool/mod.ts";
import {
  type Command,
  type CommandOptions,
  type Dialects,
  helpLines,
  isImmediate,
  jobHelpLines,
  type JobInfo,
  jobsLines,
  type Reply,
  replyAtOnce,
  type Stats,
  statsLines,
} from "../protocol/mod.ts";
import type { Switch } from "../switch/mod.ts";
import { Conversation } from "./conversation.ts";

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
  /** How many requests of one connection may be under way before it is not read. */
  readonly maxInFlight: number;
  /** Aborted when the server drains: what was asked for is answered, and nothing more is read. */
  readonly draining: AbortSignal;
  /** What `STATS` shows. */
  readonly stats: () => Stats;
}

/** Turns lines into jobs and outcomes into replies. */
export class Dispatcher {
  readonly options: DispatcherOptions;
  readonly grammar: CommandOptions;
  readonly #infos: readonly JobInfo[];

  constructor(options: DispatcherOptions) {
    const { pool, dialects, defaultJob } = options;
    this.options = options;
    this.grammar = { dialects, defaultJob, jobs: new Set(pool.jobs.keys()) };
    this.#infos = [...pool.jobs.values()].map(({ manifest }) => manifest);
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
  replyTo(command: Exclude<Command, { kind: "job" }>): Reply {
    if (isImmediate(command)) return replyAtOnce(command);
    switch (command.kind) {
      case "help":
        return { kind: "block", lines: this.#help(command.job) };
      case "jobs":
        return { kind: "block", lines: jobsLines(this.#infos) };
      case "stats":
        return { kind: "block", lines: statsLines(this.options.stats()) };
    }
  }

  #help(name: string | undefined): string[] {
    const job = this.#infos.find((info) => info.name === name);
    return job === undefined ? helpLines(this.#infos, this.options.defaultJob) : jobHelpLines(job);
  }
}
