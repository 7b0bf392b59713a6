import { assert, assertEquals } from "@std/assert";
import { FakeLog, type Isolation, realEnv } from "../../src/env/mod.ts";
import {
  JobRequest,
  type Outcome,
  type SubmitOptions,
  Submitter,
  WorkerPool,
  type WorkerPoolOptions,
} from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

/** A request with a text, as a line brings it. */
class Line extends JobRequest {
  readonly outcome = Promise.withResolvers<Outcome>();

  override settled(outcome: Outcome): void {
    this.outcome.resolve(outcome);
  }
}

/** The jobs of `workers/` in a real pool. */
export class Jobs {
  readonly #pool: WorkerPool;
  readonly #submitter = new Submitter();

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  get names(): string[] {
    return [...this.#pool.jobs.keys()];
  }

  /** The text that a line is answered with; where it is none, the kind of its outcome and why. */
  async answer(job: string, text: string): Promise<unknown> {
    const request = new Line(this.#pool.jobs.get(job)!, text, this.#submitter);
    this.#pool.enqueue(request);
    const outcome = await request.outcome.promise;
    if (outcome.kind === "done") return outcome.result;
    return "error" in outcome ? `${outcome.kind}: ${outcome.error.message}` : outcome.kind;
  }

  /** How a job ended that ran until its deadline of 20 ms, and so was stopped while it ran. */
  async late(job: string, value: unknown, graceMs = 50): Promise<Outcome & { kind: "deadline" }> {
    const outcome = await this.#pool.submit(job, value, { deadlineMs: 20, graceMs });
    assert(outcome.kind === "deadline", outcome.kind);
    return outcome;
  }

  /** The result of a value; where there is none, the kind of its outcome, and how it was stopped. */
  async value(job: string, value: unknown, options: SubmitOptions = {}): Promise<unknown> {
    const outcome = await this.#pool.submit(job, value, options);
    if (outcome.kind === "done") return outcome.result;
    return "stop" in outcome ? `${outcome.kind}, ${outcome.stop.how}` : outcome.kind;
  }
}

/** What must hold of jobs, by name. */
export type JobLaws = Readonly<Record<string, (jobs: Jobs) => Promise<void>>>;

/** Opens a real pool with the jobs of `workers/`, and tries each law as a step. */
export async function tryLaws(
  t: Deno.TestContext,
  isolation: Isolation,
  laws: JobLaws,
  options: Pick<WorkerPoolOptions, "watch"> = {},
): Promise<void> {
  await Switch.run(async (sw) => {
    const { threads, clock, fs } = realEnv();
    const folder = decodeURIComponent(new URL("../../workers", import.meta.url).pathname);
    const pool = await WorkerPool.open(sw, { threads, clock, log: new FakeLog() }, {
      jobs: await fs.subtree(folder.slice(1)),
      cores: 2,
      spares: 1,
      selfTest: false,
      isolation,
      ...options,
    });
    const jobs = new Jobs(pool);
    for (const [name, law] of Object.entries(laws)) await t.step(name, () => law(jobs));
  });
}

/** Asks a job each question, and compares. */
export async function ask(
  jobs: Jobs,
  job: string,
  answers: readonly (readonly [string, unknown])[],
): Promise<void> {
  for (const [question, expected] of answers) {
    assertEquals(await jobs.answer(job, question), expected, `${job} ${question}`);
  }
}
