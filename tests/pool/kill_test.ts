import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";
import { residentMb, until, workerThreads } from "./platform.ts";

/** A request with a text, as a connection makes it. */
class TextRequest extends JobRequest {
  readonly outcome = Promise.withResolvers<Outcome>();

  override settled(outcome: Outcome): void {
    this.outcome.resolve(outcome);
  }
}

Deno.test("Law 8: while lanes are killed, every job runs at most once, and none is lost", async () => {
  const marks = `/tmp/switchyard-marks-${Deno.pid}`;
  Deno.writeTextFileSync(marks, "", { createNew: true });
  try {
    const texts = shuffled([...numbered("tiny", 600), ...numbered("spin", 8)]);
    const outcomes = await Switch.run((sw) => runAll(sw, marks, texts));
    const runs = Map.groupBy(Deno.readTextFileSync(marks).split("\n"), (text) => text);
    outcomes.forEach((outcome, i) => {
      const text = texts[i]!;
      const count = runs.get(text)?.length ?? 0;
      if (text.startsWith("tiny")) {
        assert(outcome.kind === "done", outcome.kind);
        assertEquals([outcome.result, count], [text, 1]);
      } else {
        assertEquals([outcome.kind, count], ["deadline", 1]);
      }
    });
  } finally {
    Deno.removeSync(marks);
  }
});

/** Submits all texts at once, and waits for all outcomes. */
async function runAll(sw: Switch, marks: string, texts: readonly string[]): Promise<Outcome[]> {
  const pool = await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, {
    jobs: await fixtureJobs("marking"),
    grants: { mark: { write: [marks] } },
    isolation: "worker",
    cores: 2,
    spares: 2,
    selfTest: false,
  });
  const job = pool.jobs.get("mark")!;
  const submitter = new Submitter();
  const requests = texts.map((text) => {
    const limits = text.startsWith("spin") ? { deadlineMs: 20, graceMs: 0 } : {};
    return new TextRequest(job, text, submitter, limits);
  });
  // So that the tiny ones are known to be tiny, and are posted ahead behind those that spin.
  submitter.learn(job.index, 0.01);
  requests.forEach((request) => pool.enqueue(request));
  return await Promise.all(requests.map(({ outcome }) => outcome.promise));
}

function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${word} ${i}`);
}

function shuffled(texts: readonly string[]): string[] {
  return fc.sample(fc.shuffledSubarray([...texts], { minLength: texts.length }), 1)[0]!;
}

/** How often a job burns and is stopped, and after how many of them the memory is level. */
const CYCLES = 60;
const WARM_UP = 20;

Deno.test("Sixty jobs that burn and are killed leave no thread and no growing memory", async () => {
  const threads = workerThreads().length;
  const stopMs: number[] = [];
  let memoryMb = 0;
  await Switch.run(async (sw) => {
    const pool = await openWorkers(sw);
    const burn = async () => {
      const outcome = await pool.submit("spin", "", { deadlineMs: 10, graceMs: 0 });
      assert(outcome.kind === "deadline", outcome.kind);
      assertEquals(outcome.stop.how, "killed");
      stopMs.push(outcome.stop.ms);
    };
    for (let i = 0; i < WARM_UP; i++) await burn();
    memoryMb = residentMb();
    for (let i = WARM_UP; i < CYCLES; i++) await burn();
    memoryMb = residentMb() - memoryMb;
    assertEquals((await pool.submit("fib", 10)).kind, "done");
  });
  await until(() => workerThreads().length <= threads);
  const [p50, p99] = [0.5, 0.99].map((share) => stopMs.sort((a, b) => a - b)[CYCLES * share | 0]!);
  console.log(
    `stopped after ${p50!.toFixed(1)} ms (median), ${p99!.toFixed(1)} ms (p99), ${
      memoryMb.toFixed(1)
    } MiB more after ${CYCLES - WARM_UP} kills`,
  );
  assertLess(p50!, 1_000);
  assertLess(memoryMb, 64);
});

async function openWorkers(sw: Switch): Promise<WorkerPool> {
  const jobs = await realEnv().fs.subtree(
    new URL("../../workers", import.meta.url).pathname.slice(1),
  );
  const options = { jobs, isolation: "worker", cores: 2, spares: 2, selfTest: false } as const;
  return await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, options);
}
