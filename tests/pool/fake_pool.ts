import { LaneProgram } from "../../workers/runtime/lane_program.ts";
import { FakeClock, fakeEnv, FakeLog, FakeThreads, realEnv } from "../../src/env/mod.ts";
import type { FakeThread, Threads } from "../../src/env/mod.ts";
import { type Outcome, type SubmitOptions, WorkerPool } from "../../src/pool/mod.ts";
import type { WorkerPoolOptions } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";

/** A folder of job files among the fixtures. */
export function fixtureJobs(name: string) {
  const { pathname } = new URL(`../fixtures/jobs/${name}`, import.meta.url);
  return realEnv().fs.subtree(decodeURIComponent(pathname.slice(1)));
}

/** What a lane says to its pool, said by the test. */
type Say = (message: unknown) => void;

/** A pool on fake threads and a fake clock, and what a test does with it. */
export class FakePool {
  readonly clock = new FakeClock();
  readonly log: FakeLog;
  readonly threads: FakeThreads;
  readonly #says = new Map<FakeThread, Say>();
  readonly #machine = { ...fakeEnv({ vars: { TALKING_TEST: "1" } }), clock: this.clock };
  #pool: WorkerPool | undefined;

  constructor(cores = 1, log = new FakeLog()) {
    this.log = log;
    this.threads = new FakeThreads({ cores, run: (post, thread) => this.#run(post, thread) });
  }

  get pool(): WorkerPool {
    return this.#pool!;
  }

  get env(): { threads: Threads; clock: FakeClock; log: FakeLog } {
    return { threads: this.threads, clock: this.clock, log: this.log };
  }

  /** Opens the pool: one lane, if nothing else is asked for. */
  async open(sw: Switch, options: Partial<WorkerPoolOptions> = {}): Promise<WorkerPool> {
    const jobs = options.jobs ?? await fixtureJobs("gated");
    return this.#pool = await WorkerPool.open(sw, this.env, {
      cores: 1,
      spares: 0,
      maxLanes: 1,
      selfTest: false,
      ...options,
      jobs,
    });
  }

  /** Submits a job that runs until its gate is opened. */
  gated(options: SubmitOptions & { readonly heeds?: boolean } = {}): Gated {
    const { heeds = true, ...submitOptions } = options;
    const id = gates.nextId();
    const cancel = new AbortController();
    const signal = cancel.signal;
    const outcome = this.pool.submit("gated", { id, heeds }, { signal, ...submitOptions });
    return { id, outcome, cancel: () => cancel.abort() };
  }

  /** The newest thread that is alive. */
  get newest(): FakeThread {
    return this.threads.alive.at(-1)!;
  }

  /** Has a thread crash, and the pool notice. */
  async crash(thread: FakeThread): Promise<void> {
    thread.crash("it was hit");
    await this.clock.settle();
  }

  /** Says something to the pool as if the thread did. */
  say(thread: FakeThread, message: unknown): void {
    this.#says.get(thread)!(message);
  }

  #run(post: Say, thread: FakeThread): Say {
    this.#says.set(thread, post);
    const program = new LaneProgram(post, { isMeasured: false, machine: this.#machine });
    return (message) => {
      const { type } = message as { type: string };
      // The loops of the self-test would burn the test's own thread.
      if (type === "test") post({ type: "testing" });
      else program.receive(message as Parameters<typeof program.receive>[0]);
    };
  }
}

/** A job that waits at its gate. */
export interface Gated {
  readonly id: number;
  readonly outcome: Promise<Outcome>;
  cancel(): void;
}

/** Runs a test with a pool of one lane, or as the options say, and closes it. */
export function withFakePool(
  options: Partial<WorkerPoolOptions>,
  test: (fake: FakePool) => Promise<void>,
): Promise<void> {
  return Switch.run(async (sw) => {
    const fake = new FakePool(options.cores);
    await fake.open(sw, options);
    await test(fake);
  });
}

/** The outcome less its figures: what is left is the same each time. */
export function essence({ queueMs: _q, runMs: _r, lane: _l, ...rest }: Outcome): unknown {
  return rest;
}
