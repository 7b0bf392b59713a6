import { FakeClock, fakeDir, FakeLog, FakeThreads } from "../../src/env/mod.ts";
import { type FromLane, NO_CODE, type RunEnd, type ToLane } from "../../src/pool/link/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import type { WorkerPoolOptions } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { aManifest } from "../job/a_manifest.ts";

/** A request that keeps its outcome, and knows if it was given another. */
export class HandRequest extends JobRequest {
  readonly outcomes: Outcome[] = [];

  /** How it ended, if it has. */
  get outcome(): Outcome | undefined {
    return this.outcomes[0];
  }

  override settled(outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
}

/** A run that a lane has begun. */
export interface HandRun {
  readonly input: unknown;
  end(end: RunEnd): void;
}

/**
 * A pool with one job, `pure`, whose runs end by the hand of the test. A run that is asked to stop
 * goes on, so that it is killed after the grace, unless `heeds` says that runs obey.
 */
export class HandPool {
  readonly clock = new FakeClock();
  readonly threads: FakeThreads;
  /** The runs that have begun and not ended. */
  readonly runs: HandRun[] = [];
  /** The inputs of all runs ever begun. */
  readonly begun: unknown[] = [];
  heeds = false;
  readonly #concurrency: number;
  pool!: WorkerPool;
  readonly #self = new Submitter();

  private constructor(cores: number, concurrency: number) {
    this.#concurrency = concurrency;
    this.threads = new FakeThreads({ cores, run: (post) => this.#lane(post) });
  }

  /** Opens the pool for a test: one lane for each core, if nothing else is said. */
  static run(
    options: Partial<WorkerPoolOptions> & { readonly concurrency?: number },
    test: (hand: HandPool) => Promise<void>,
  ): Promise<void> {
    return Switch.run(async (sw) => {
      const { cores = 1, concurrency = 1 } = options;
      const hand = new HandPool(cores, concurrency);
      const env = { threads: hand.threads, clock: hand.clock, log: new FakeLog(() => 0) };
      const jobs = fakeDir({ "pure.ts": "" });
      const defaults = { cores, spares: 0, maxLanes: cores, selfTest: false, coalesce: true };
      hand.pool = await WorkerPool.open(sw, env, { ...defaults, ...options, jobs });
      await test(hand);
    });
  }

  /** Submits a request for the job. */
  submit(
    input: string | { readonly value: unknown },
    options: { deadlineMs?: number; graceMs?: number; submitter?: Submitter } = {},
  ): HandRequest {
    const { submitter = this.#self, ...limits } = options;
    const request = new HandRequest(this.pool.jobs.get("pure")!, input, submitter, limits);
    this.pool.enqueue(request);
    return request;
  }

  /** Ends the oldest run with a result. */
  async finish(result: unknown = "result"): Promise<void> {
    await this.clock.settle();
    this.runs.shift()!.end({ kind: "done", result });
    await this.clock.settle();
  }

  #lane(post: (message: FromLane) => void): (message: unknown) => void {
    return (data) => {
      const message = data as ToLane;
      if (message.type === "read") post({ type: "read", snapshot: NO_CODE, broken: {} });
      else if (message.type === "load") this.#load(post);
      else if (message.type === "run") this.#begin(post, message.seq, message.input);
      else if (message.type === "ask" && this.heeds) this.#stop(message.seq, post);
    };
  }

  #load(post: (message: FromLane) => void): void {
    const manifest = aManifest({ name: "pure", pure: true, concurrency: this.#concurrency });
    post({ type: "loading", index: 0 });
    post({ type: "loaded", index: 0, manifest });
    post({ type: "ready" });
  }

  #begin(post: (message: FromLane) => void, seq: number, input: unknown): void {
    const startMs = this.clock.monotonic();
    const end = (end: RunEnd) =>
      post({ type: "end", seq, runMs: this.clock.monotonic() - startMs, end });
    this.begun.push(input);
    this.runs.push({ input, end });
  }

  #stop(seq: number, post: (message: FromLane) => void): void {
    this.runs.length = 0;
    post({ type: "end", seq, runMs: 0, end: { kind: "cancelled" } });
  }
}
