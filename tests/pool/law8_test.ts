import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FakeLog, type Isolation, realEnv } from "../../src/env/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";
import { childProcesses } from "./platform.ts";

/** Where the jobs leave their marks; and this test's file there. */
const MARKS = "/tmp/switchyard-marks";
const FILE = `${Deno.pid}`;

/** A request with a text, as a connection makes it. */
class TextRequest extends JobRequest {
  readonly outcome = Promise.withResolvers<Outcome>();

  get word(): string {
    return (this.input as string).split(" ")[1]!;
  }

  override settled(outcome: Outcome): void {
    this.outcome.resolve(outcome);
  }
}

/** How many requests of each kind; and what is done to the pool after every so many outcomes. */
interface Chaos {
  readonly isolation: Isolation;
  readonly tiny: number;
  readonly spin: number;
  readonly fill: number;
  readonly every?: { readonly outcomes: number; readonly harm: () => void };
}

Deno.test("Law 8: lanes die at random under thousands of jobs; none is run twice, and none is lost", () =>
  survive({ isolation: "worker", tiny: 4_000, spin: 12, fill: 2 }));

Deno.test("Law 8 holds for processes that are killed at random, from outside too", () =>
  survive({
    isolation: "process",
    tiny: 300,
    spin: 6,
    fill: 3,
    every: { outcomes: 90, harm: killAnyChild },
  }));

/** Runs all jobs while lanes die, and holds their outcomes against the marks that they left. */
async function survive(chaos: Chaos): Promise<void> {
  Deno.mkdirSync(MARKS, { recursive: true });
  const file = `${MARKS}/${FILE}`;
  Deno.writeTextFileSync(file, "");
  try {
    const all = await Switch.run((sw) => runAll(sw, chaos));
    const marks = Map.groupBy(Deno.readTextFileSync(file).split("\n"), (text) => text);
    const deaths = new Set<string>();
    for (const { request, outcome } of all) {
      const count = marks.get(request.input as string)?.length ?? 0;
      check(request, outcome, count);
      deaths.add(outcome.kind);
    }
    assert(deaths.has("deadline") && deaths.has("killed") && deaths.has("out-of-memory"));
  } finally {
    Deno.removeSync(file);
  }
}

/** What a job may come to, and how often it may have run then. */
function check({ word, input }: TextRequest, outcome: Outcome, runs: number): void {
  const { kind } = outcome;
  const what = `${input}: ${kind}, ${runs} runs`;
  if (kind === "done") return assertEquals([word, outcome.result, runs], ["tiny", input, 1]);
  // It may have died before it left its mark.
  assert(runs <= 1, what);
  if (kind === "crashed") return;
  const ends = word === "spin" ? ["deadline", "killed", "cancelled"] : ["out-of-memory"];
  assert(word !== "tiny" && ends.includes(kind), what);
}

/** Submits everything at once, by several submitters, and waits for all outcomes. */
async function runAll(sw: Switch, chaos: Chaos) {
  const pool = await WorkerPool.open(sw, { ...realEnv(), log: new FakeLog() }, {
    jobs: await fixtureJobs("marking"),
    grants: { mark: { write: [MARKS] } },
    isolation: chaos.isolation,
    cores: 2,
    spares: 2,
    selfTest: false,
  });
  const job = pool.jobs.get("mark")!;
  const submitters = [new Submitter(), new Submitter(), new Submitter()];
  // So that the tiny ones are known to be tiny, and are posted ahead behind those that kill.
  for (const submitter of submitters) submitter.learn(job.index, 0.01);
  const requests = shuffled([
    ...numbered("tiny", chaos.tiny),
    ...numbered("spin", chaos.spin),
    ...numbered("fill", chaos.fill),
  ]).map((text, i) => {
    // Every other one that burns is cancelled once it runs: by its number, for its place is random.
    const isLate = / spin \d*[02468]$/.test(text);
    const limits = { graceMs: 0, ...(isLate ? { deadlineMs: 20 } : {}) };
    return new TextRequest(job, text, submitters[i % 3]!, limits);
  });
  requests.forEach((request) => pool.enqueue(request));
  const cancelling = setInterval(() => cancelOne(pool, requests), 20);
  try {
    return await outcomesOf(requests, chaos);
  } finally {
    clearInterval(cancelling);
  }
}

/** Cancels one of those that burn without a deadline of their own. */
function cancelOne(pool: WorkerPool, requests: readonly TextRequest[]): void {
  const burning = requests.find((request) =>
    request.word === "spin" && request.deadlineMs > 20 && request.lane?.running === request
  );
  if (burning !== undefined) pool.cancel(burning, "the test says so");
}

async function outcomesOf(requests: readonly TextRequest[], { every }: Chaos) {
  let settled = 0;
  return await Promise.all(requests.map(async (request) => {
    const outcome = await request.outcome.promise;
    if (every !== undefined && ++settled % every.outcomes === 0) every.harm();
    return { request, outcome };
  }));
}

function killAnyChild(): void {
  const children = childProcesses();
  const child = children[Math.floor(Math.random() * children.length)];
  if (child !== undefined) Deno.kill(Number(child), "SIGKILL");
}

function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${FILE} ${word} ${i}`);
}

function shuffled(texts: readonly string[]): string[] {
  return fc.sample(fc.shuffledSubarray([...texts], { minLength: texts.length }), 1)[0]!;
}
