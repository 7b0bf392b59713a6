import { FakeClock, fakeDir, FakeLog, FakeThreads } from "../../src/env/mod.ts";
import { type FromLane, ITEM_WINDOW, NO_CODE, type ToLane } from "../../src/pool/link/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import type { RequestOptions } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { aManifest } from "../job/a_manifest.ts";

/** A run that a lane has begun, and that the test ends. */
interface Begun {
  readonly input: unknown;
  end(runMs: number, cpuMs: number): void;
  /** Gives as many items as may be under way, and waits. */
  wait(): void;
}

/** How much time {@linkcode Bench.pass} passes at a time, in milliseconds. */
const STEP_MS = 50;

/** A request that keeps its outcome, and takes no more items at once than the test says. */
export class Request extends JobRequest {
  readonly #outcome = Promise.withResolvers<Outcome>();

  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  override settled(outcome: Outcome): void {
    this.#outcome.resolve(outcome);
  }

  /** How many of its items are taken at once. Nobody takes the others. */
  takes = 0;

  override item(): Promise<void> | undefined {
    return this.takes-- > 0 ? undefined : new Promise(() => {});
  }
}

/** A pool whose runs begin and end as the test says. */
export class Bench {
  readonly clock = new FakeClock();
  readonly begun: Begun[] = [];
  /** While it is set, no lane that is started becomes ready. */
  isSlow = false;
  readonly light = new Submitter();
  readonly heavy = new Submitter();
  pool!: WorkerPool;

  static run(cores: number, fn: (bench: Bench) => Promise<void>): Promise<void> {
    return Switch.run(async (sw) => {
      const bench = new Bench();
      const threads = new FakeThreads({ cores, run: (post) => bench.#lane(post) });
      bench.pool = await WorkerPool.open(sw, {
        threads,
        clock: bench.clock,
        log: new FakeLog(() => 0),
      }, { jobs: fakeDir({ "work.ts": "" }), selfTest: false, spares: 2 });
      await fn(bench);
    });
  }

  submit(submitter: Submitter, input: string, options?: RequestOptions): Request {
    const request = new Request(this.pool.jobs.get("work")!, input, submitter, options);
    this.pool.enqueue(request);
    return request;
  }

  /** Teaches the pool that a submitter's jobs take so long. */
  async teach(submitter: Submitter, runMs: number, cpuMs = runMs): Promise<void> {
    const { outcome } = this.submit(submitter, "lesson");
    await this.clock.settle();
    this.finish("lesson", runMs, cpuMs);
    await outcome;
  }

  /** The inputs of the runs that have begun and not ended. */
  async running(): Promise<unknown[]> {
    await this.clock.settle();
    return this.begun.map(({ input }) => input);
  }

  /** Lets so much time pass in steps of which each is as if the event loop had been busy meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.tick(Math.min(left, STEP_MS));
      await this.clock.settle();
    }
  }

  /** Has every run that begins wait for who takes no item, until no more begin; how many have. */
  async fillWithWaiting(): Promise<number> {
    for (let begun = -1; begun < this.begun.length;) {
      begun = this.begun.length;
      for (const run of this.begun) run.wait();
      await this.clock.advance(5);
    }
    return this.begun.length;
  }

  finish(input: string, runMs = 1, cpuMs = runMs): void {
    const index = this.begun.findIndex((run) => run.input === input);
    this.begun.splice(index, 1)[0]!.end(runMs, cpuMs);
  }

  #lane(post: (message: FromLane) => void): (message: unknown) => void {
    return (data) => {
      const message = data as ToLane;
      if (message.type === "read") post({ type: "read", snapshot: NO_CODE, broken: {} });
      else if (message.type === "load" && !this.isSlow) this.#load(post);
      else if (message.type === "run") this.#begin(post, message.seq, message.input);
    };
  }

  #load(post: (message: FromLane) => void): void {
    post({ type: "loading", index: 0 });
    post({ type: "loaded", index: 0, manifest: aManifest({ name: "work" }) });
    post({ type: "ready" });
  }

  #begin(post: (message: FromLane) => void, seq: number, input: unknown): void {
    const end = (runMs: number, cpuMs: number) =>
      post({ type: "end", seq, runMs, figures: { cpuMs }, end: { kind: "done", result: input } });
    const wait = () => {
      for (let item = 0; item < ITEM_WINDOW; item++) post({ type: "item", seq, item });
    };
    this.begun.push({ input, end, wait });
  }
}
