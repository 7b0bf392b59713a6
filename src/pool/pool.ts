import type { JobItem, JobRef, JobResult, JobReturn, Transferred } from "../job/mod.ts";
import type { Switch } from "../switch/mod.ts";
import type { JobRequest } from "./job_request.ts";
import type { Job } from "./jobs/catalogue.ts";
import { openParts, type PoolParts } from "./open_parts.ts";
import type { Outcome } from "./outcome.ts";
import { MAX_QUEUE, type PoolEnv, type WorkerPoolOptions } from "./pool_options.ts";
import { Submitter } from "./queue/submitter.ts";
import { Reuse } from "./reuse/reuse.ts";
import type { PoolStats } from "./stats/stats.ts";
import { statsNow } from "./stats/stats_now.ts";
import { Submission } from "./submission.ts";
import type { SubmitOptions } from "./submit_options.ts";
import type { Supervisor } from "./supervisor.ts";
import { JobStream } from "./talk/job_stream.ts";

/**
 * Runs jobs on other cores: each in a lane of its scope, with just the permissions that the
 * operator granted it, under a deadline and a heap limit.
 *
 * Every request has exactly one outcome (law 7). A job runs at most once for each request (law 8).
 * One that is cancelled or late is asked to stop, and killed when it does not; its outcome says
 * which, and after how many milliseconds (law 9).
 *
 * @example
 * ```ts
 * import { realEnv, Switch, WorkerPool } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const env = realEnv({ log: { level: "warn" } });
 * await Switch.run(async (sw) => {
 *   const pool = await WorkerPool.open(sw, env, { jobs: await env.cwd.subtree("workers") });
 *
 *   const fib = await pool.submit("fib", 30);
 *   assertEquals(fib.kind === "done" && fib.result, 832040);
 *
 *   const spin = await pool.submit("spin", "", { deadlineMs: 20 });
 *   assertEquals(spin.kind === "deadline" && spin.stop.how, "killed");
 * });
 * ```
 */
export class WorkerPool {
  readonly #parts: PoolParts;
  readonly #supervisor: Supervisor;
  readonly #maxQueue: number;
  readonly #maxQueuePerSubmitter: number;
  readonly #self = new Submitter();
  readonly #reuse: Reuse | undefined;
  readonly #openedMs: number;

  private constructor(parts: PoolParts, options: WorkerPoolOptions) {
    const { maxQueue = MAX_QUEUE, maxQueuePerSubmitter = maxQueue, coalesce, cache } = options;
    const { supervisor } = parts;
    this.#parts = parts;
    this.#supervisor = supervisor;
    this.#maxQueue = maxQueue;
    this.#maxQueuePerSubmitter = maxQueuePerSubmitter;
    if (coalesce || cache !== undefined) this.#reuse = new Reuse(supervisor, cache);
    this.#openedMs = supervisor.clock.monotonic();
  }

  /**
   * Opens a pool: reads the job files, proves that lanes can be killed, and starts the warm ones,
   * all in about a second. When `sw` ends, what waits is cancelled and what runs is killed; the
   * pool does not keep it on.
   *
   * Rejects with a sentence for the operator: no job file could be read, or the isolation that was
   * asked for cannot be had.
   */
  static async open(
    sw: Switch,
    env: PoolEnv,
    options: WorkerPoolOptions,
  ): Promise<WorkerPool> {
    const parts = await openParts(sw, env, options);
    return new WorkerPool(parts, options);
  }

  /** The jobs that can be submitted, by name. */
  get jobs(): ReadonlyMap<string, Job> {
    return this.#parts.jobs;
  }

  /** What isolation is in force and how that is known, in one line. */
  get isolation(): string {
    return this.#parts.finding;
  }

  /**
   * Submits a job, with a value that its schema accepts, and waits for its outcome. Never rejects for
   * what becomes of the job; throws a RangeError where there is no such job.
   *
   * Named by a {@linkcode jobRef}, input and result have the types of the job's file. An input may be
   * a stream, an `AsyncIterable`, which the job pulls as it uses it; or a value made by
   * {@linkcode transfer}, whose buffers are handed over. The items of a job that gives many are its
   * result, as a list, unless `onItem` takes them.
   */
  submit<Given, Output>(
    job: JobRef<Given, Output>,
    value: Given | Transferred<Given>,
    options: SubmitOptions<JobItem<Output>> & { readonly onItem: unknown },
  ): Promise<Outcome<JobReturn<Output>>>;
  /** Submits a job whose items, if it gives many, are the result. */
  submit<Given, Output>(
    job: JobRef<Given, Output>,
    value: Given | Transferred<Given>,
    options?: SubmitOptions<JobItem<Output>>,
  ): Promise<Outcome<JobResult<Output>>>;
  /** Submits a job by its name alone: nothing is known of its types. */
  submit(name: string, value: unknown, options?: SubmitOptions): Promise<Outcome>;
  submit(
    job: string | JobRef<unknown, unknown>,
    value: unknown,
    options: object = {},
  ): Promise<Outcome> {
    return this.#submit(job, value, options).outcome;
  }

  /**
   * Submits a job that gives many results, to be read one by one: see {@linkcode JobStream}. Throws a
   * RangeError where there is no such job.
   *
   * @example
   * ```ts
   * import { realEnv, Switch, WorkerPool } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * const env = realEnv({ log: { level: "warn" } });
   * await Switch.run(async (sw) => {
   *   const jobs = await env.cwd.subtree("tests/fixtures/jobs/talking");
   *   const pool = await WorkerPool.open(sw, env, { jobs });
   *   const seen: unknown[] = [];
   *   for await (const n of pool.stream("count", 1_000_000)) {
   *     seen.push(n);
   *     if (n === 3) break; // the job is cancelled, and has stopped when the loop is left
   *   }
   *   assertEquals(seen, [1, 2, 3]);
   * });
   * ```
   */
  stream<Given, Output>(
    job: JobRef<Given, Output>,
    value: Given | Transferred<Given>,
    options?: Omit<SubmitOptions, "onItem">,
  ): JobStream<JobItem<Output>, JobReturn<Output>>;
  /** Submits a job by its name alone, and reads its items. */
  stream(
    name: string,
    value: unknown,
    options?: Omit<SubmitOptions, "onItem">,
  ): JobStream<unknown, unknown>;
  stream(
    job: string | JobRef<unknown, unknown>,
    value: unknown,
    options: Omit<SubmitOptions, "onItem"> = {},
  ): JobStream<unknown, unknown> {
    return new JobStream((put) => {
      const submission = this.#submit(job, value, { ...options, onItem: put });
      const { outcome } = submission;
      return { outcome, cancel: () => this.cancel(submission, "its reader left") };
    });
  }

  /**
   * Takes a request on, or refuses it; either way it is told its outcome, once. Never waits.
   *
   * @internal
   */
  enqueue(request: JobRequest, whenFull: "refuse" | "wait" = "refuse"): void {
    const { scope } = request.job;
    if (this.#supervisor.isDraining) {
      this.#supervisor.outcomes.refuse(
        request,
        "DRAINING",
        "The server is stopping and takes no more jobs",
      );
    } else if (typeof scope === "string") {
      this.#supervisor.outcomes.refuse(request, "DENIED", scope);
    } else {
      const reason = this.#supervisor.asideReason(request) ??
        (whenFull === "wait" ? undefined : this.#fullness(request.submitter));
      if (this.#takesOn(request, reason !== undefined)) return;
      if (reason === undefined) this.#supervisor.enqueue(request, scope);
      else this.#supervisor.outcomes.refuse(request, "BUSY", reason);
    }
  }

  /**
   * Stops a request, for the reason in words: one that waits never starts, one that runs is asked
   * to stop, and killed when it does not. Its outcome says which. One that has ended is left alone.
   *
   * @internal
   */
  cancel(request: JobRequest, why: string): void {
    this.#supervisor.cancel(request, why);
  }

  /**
   * Whether every core has work of short jobs posted ahead that takes longer than `ms`: what comes now
   * would not start sooner if it came that much later.
   *
   * @internal
   */
  hasWorkFor(ms: number): boolean {
    return this.#supervisor.cores.hasWorkFor(ms);
  }

  /** Refuses new requests, and resolves when all that were taken on have their outcome. */
  async drain(): Promise<void> {
    await this.#supervisor.drain();
  }

  /** How many jobs run at full share from now on. */
  resize(cores: number): void {
    if (!Number.isInteger(cores) || cores < 1) {
      throw new RangeError(
        `Cannot resize the pool: cores must be a positive integer, got ${cores}`,
      );
    }
    this.#supervisor.cores.total = cores;
    for (const scope of this.#supervisor.scopes) scope.dispatch();
  }

  /**
   * What the pool does now and has done: a snapshot. It takes up to a millisecond, so ask for it now
   * and then, and not with each request.
   */
  stats(): PoolStats {
    const { cores, scopes, clock, outcomes, kills, stuck } = this.#supervisor;
    const nowMs = clock.monotonic();
    return {
      spanMs: nowMs - this.#openedMs,
      isolation: this.#parts.isolation,
      cores: cores.total,
      ...statsNow(scopes, nowMs),
      ...outcomes.recorder.snapshot(this.#reuse?.counts),
      kills,
      unverifiedKills: stuck.total,
      stuckLanes: stuck.now,
    };
  }

  /** Whether a request need not be queued, as it can use the run or the result of another. */
  #takesOn(request: JobRequest, isFull: boolean): boolean {
    if (this.#reuse === undefined || !request.job.manifest.pure) return false;
    return this.#reuse.takesOn(request, isFull);
  }

  /** Which limit of the queue is reached, in words, if one is. */
  #fullness({ queued }: Submitter): string | undefined {
    if (this.#queued() + (this.#reuse?.sharing ?? 0) >= this.#maxQueue) {
      return `The queue is full: ${this.#maxQueue} requests wait, which is the limit. Try again later`;
    }
    if (queued < this.#maxQueuePerSubmitter) return undefined;
    return `The queue is full for you: ${queued} of your requests wait, which is the limit. Try again later`;
  }

  #submit(
    ref: string | JobRef<unknown, unknown>,
    value: unknown,
    options: SubmitOptions,
  ): Submission {
    const job = this.#jobNamed(typeof ref === "string" ? ref : ref.name);
    const { signal, submitter = this.#self } = options;
    const submission = new Submission(job, value, submitter, options);
    const why = "its submitter cancelled it";
    if (signal?.aborted) this.#supervisor.outcomes.turnAway(submission, why);
    else this.enqueue(submission, options.whenFull);
    if (signal !== undefined && submission.place !== "settled") {
      submission.cancelOn(signal, () => this.cancel(submission, why));
    }
    return submission;
  }

  #jobNamed(name: string): Job {
    const job = this.jobs.get(name);
    if (job !== undefined) return job;
    throw new RangeError(
      `Cannot submit the job "${name}": there is none of that name. There are: ${
        [...this.jobs.keys()].join(", ")
      }`,
    );
  }

  #queued(): number {
    let queued = 0;
    for (const scope of this.#supervisor.scopes) queued += scope.queued;
    return queued;
  }
}
