import type { Backlog } from "./backlog.ts";
import { Flow } from "./flow.ts";
import { RunTimes } from "./run_times.ts";

/**
 * Somebody who submits jobs to one pool, as a connection does. While requests wait, submitters get
 * equal time, whoever sends more or longer ones; and what a submitter's runs took tells what its
 * next will take, so that who sends long jobs does not delay who sends short ones. The requests of
 * one submitter and priority start in the order in which they came.
 *
 * @example
 * ```ts
 * import { realEnv, Submitter, Switch, WorkerPool } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const env = realEnv({ log: { level: "warn" } });
 * await Switch.run(async (sw) => {
 *   const pool = await WorkerPool.open(sw, env, { jobs: await env.cwd.subtree("workers") });
 *   const [batch, people] = [new Submitter(), new Submitter()];
 *
 *   const counts = Array.from({ length: 100 }, (_, n) =>
 *     pool.submit("primes", n * 1_000, { submitter: batch, priority: "low" }));
 *   // It waits for none of the hundred, but for those that run.
 *   const fib = await pool.submit("fib", 20, { submitter: people });
 *
 *   assertEquals(fib.kind === "done" && fib.result, 6765);
 *   await Promise.all(counts);
 * });
 * ```
 */
export class Submitter {
  readonly #times: RunTimes;
  readonly #flows: Flow[] = [];
  readonly #whole: Submitter | undefined;
  #queued = 0;

  /** Somebody of his own; or a {@linkcode Submitter.part} of `whole`. */
  constructor(whole?: Submitter) {
    this.#whole = whole;
    this.#times = new RunTimes(whole && whole.#times);
  }

  /**
   * One of several who submit for this one, as the connections of one client do. Together they get the
   * time of one, which they share in turn: the requests of each start in their order, and do not wait
   * for long ones of another. What nobody knows of a part is taken from what the whole has run.
   */
  part(): Submitter {
    return new Submitter(this);
  }

  /**
   * How many requests wait in the queue, of it and of all parts of the same whole.
   *
   * @internal
   */
  get queued(): number {
    return this.#whole?.queued ?? this.#queued;
  }

  /**
   * Whether both are parts of the same whole, or one and the same.
   *
   * @internal
   */
  isOneWith(other: Submitter): boolean {
    return (this.#whole ?? this) === (other.#whole ?? other);
  }

  /**
   * Counts requests that wait, or no longer do.
   *
   * @internal
   */
  countQueued(more: number): void {
    this.#queued += more;
    this.#whole?.countQueued(more);
  }

  /**
   * How long the next run of a job may well take, in milliseconds; `undefined` before the first.
   *
   * @internal
   */
  expectedMs(job: number): number | undefined {
    return this.#times.expectedMs(job) ?? this.#whole?.expectedMs(job);
  }

  /**
   * How long a run of a job takes as a rule, in milliseconds; `undefined` before the first.
   *
   * @internal
   */
  usualMs(job: number): number | undefined {
    return this.#times.usualMs(job) ?? this.#whole?.usualMs(job);
  }

  /**
   * Learns how long a run took, and how much of that on a core, as far as that is known.
   *
   * @internal
   */
  learn(job: number, ms: number, cpuMs?: number): void {
    this.#times.learn(job, ms, cpuMs);
    this.#whole?.learn(job, ms, cpuMs);
  }

  /**
   * The line of its requests of one priority that wait in one scope.
   *
   * @internal
   */
  flow(backlog: Backlog, rank: number): Flow {
    for (const flow of this.#flows) {
      if (flow.backlog === backlog && flow.rank === rank) return flow;
    }
    const flow = new Flow(backlog, rank, this.#whole?.flow(backlog, rank).spentMs);
    this.#flows.push(flow);
    return flow;
  }
}
