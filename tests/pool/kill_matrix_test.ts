import { assert, assertEquals, assertLess } from "@std/assert";
import { denoThreads } from "../../src/env/deno_threads.ts";
import { type Env, FakeLog, type Isolation, realEnv, type Threads } from "../../src/env/mod.ts";
import { type OnStuck, type Outcome, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";
import { MATRIX, type Row, type Verdict } from "./kill_matrix.ts";
import { childProcesses, cpuMs, until, workerThreads } from "./platform.ts";

const ISOLATIONS: readonly Isolation[] = ["worker", "process"];

/** How long a deed burns before it is asked to stop. */
const BURN_MS = 60;

/** How long it may take to obey: who never does is not waited for, who does may be on a slow machine. */
const GRACE_MS = 50;
const PATIENT_GRACE_MS = 30_000;

/** How long a kill of a thread is waited for: some never take. */
const KILL_MS = 1_000;

/** How long a rest takes in which the CPU time is measured, and how many rests there may be. */
const REST_MS = 100;
const MAX_RESTS = 50;

for (const isolation of ISOLATIONS) {
  Deno.test(`The kill matrix is as docs/isolation.md says (${isolation})`, async (t) => {
    const before = { threads: workerThreads().length, children: childProcesses().length };
    using fifo = new Fifo();
    await Switch.run(async (sw) => {
      const pool = await openPool(sw, isolation, "log");
      for (const row of MATRIX) {
        await t.step(row.deed, async () => {
          const { stop, lane } = await stopped(pool, row, isolation, fifo);
          assertVerdict(verdictOf(stop), row[isolation]);
          assertLess(stop.ms, 20_000);
          if (stop.how === "asked") assertLess(stop.ackMs!, 20_000);
          // Of those that never return this proves that the kill took, if later than is waited for.
          if (!stop.verified) await returned(pool, row, fifo);
          assertEquals((await pool.submit("rest", 0)).kind, "done");
          assert(stop.how === "asked" || !lanesOf(pool).includes(lane));
        });
      }
      await t.step("nothing burns any more", () => idle(pool));
    });
    await until(() => workerThreads().length <= before.threads);
    await until(() => childProcesses().length <= before.children);
  });
}

Deno.test("What a thread cannot be stopped in, a process can, and its scope has moved to one", async () => {
  using fifo = new Fifo();
  const row = MATRIX.find(({ deed }) => deed === "blocking read")!;
  await Switch.run(async (sw) => {
    const pool = await openPool(sw, "worker", "processes");
    const stuck = await stopped(pool, row, "worker", fifo);
    await until(() => pool.stats().scopes.some(({ isolation }) => isolation === "process"));
    await until(() => pool.stats().lanes.starting === 0);
    const killed = await stopped(pool, row, "process", fifo);
    assertEquals([stuck, killed].map(({ stop }) => stop.verified), [false, true]);
    await returned(pool, row, fifo);
    const moved = pool.stats().scopes.filter(({ isolation }) => isolation === "process");
    assertEquals(moved.length, 1);
  });
});

async function openPool(sw: Switch, isolation: Isolation, onStuck: OnStuck): Promise<WorkerPool> {
  const { threads, clock } = realEnv();
  const env = { threads: impatient({ threads, clock }), clock, log: new FakeLog() };
  return await WorkerPool.open(sw, env, {
    jobs: await fixtureJobs("hostile"),
    grants: { burn: { read: true }, rest: { read: true } },
    isolation,
    onStuck,
    cores: 1,
    spares: onStuck === "log" ? 3 : 0,
    selfTest: false,
  });
}

/** The machine's threads, of which those in this process are given up soon when they do not end. */
function impatient({ threads, clock }: Pick<Env, "threads" | "clock">): Threads {
  const hasty = denoThreads(clock, { killMs: KILL_MS });
  return {
    cores: threads.cores,
    residentMb: () => threads.residentMb(),
    open: (sw, spec) => (spec.isolation === "worker" ? hasty : threads).open(sw, spec),
  };
}

type Deadline = Outcome & { readonly kind: "deadline" };

/** Has a job do a deed until its deadline, and be stopped. */
async function stopped(
  pool: WorkerPool,
  row: Row,
  isolation: Isolation,
  { path }: Fifo,
): Promise<Deadline> {
  const { deed } = row;
  const graceMs = row[isolation] === "stops when asked" ? PATIENT_GRACE_MS : GRACE_MS;
  const limits = { deadlineMs: BURN_MS, graceMs };
  const outcome = await pool.submit("burn", { deed, fifo: path }, limits);
  assert(outcome.kind === "deadline", outcome.kind);
  return outcome;
}

function verdictOf({ how, verified }: Deadline["stop"]): Verdict {
  if (how === "asked") return "stops when asked";
  return verified ? "is killed" : "not until it returns";
}

function assertVerdict(actual: Verdict, expected: Verdict): void {
  const isKilled = expected === "is killed" || expected === "as a rule killed";
  if (isKilled) assert(actual !== "stops when asked");
  else assertEquals(actual, expected);
}

/** A thread that no kill has ended ends when its call returns. */
async function returned(pool: WorkerPool, { deed }: Row, fifo: Fifo): Promise<void> {
  if (deed === "blocking read") fifo.release();
  await until(() => pool.stats().stuckLanes === 0);
}

function lanesOf(pool: WorkerPool): number[] {
  return pool.stats().scopes.flatMap(({ lanes }) => lanes.map(({ id }) => id));
}

/** Resolves when nothing burns: while a job rests, hardly any CPU time is used. */
async function idle(pool: WorkerPool): Promise<void> {
  for (let i = 0; i < MAX_RESTS; i++) {
    const [beforeMs, startedMs] = [cpuMs(), performance.now()];
    const outcome = await pool.submit("rest", REST_MS);
    assert(outcome.kind === "done", outcome.kind);
    if (cpuMs() - beforeMs < (performance.now() - startedMs) / 2) return;
  }
  throw new Error(`The CPU was busy in each of ${MAX_RESTS} rests`);
}

/** A FIFO that nobody writes to: who reads it blocks, until it is released. */
class Fifo implements Disposable {
  readonly path = `/tmp/switchyard-fifo-${crypto.randomUUID()}`;

  constructor() {
    const { success } = new Deno.Command("mkfifo", { args: [this.path] }).outputSync();
    assert(success);
  }

  /** Lets who reads go on. */
  release(): void {
    Deno.openSync(this.path, { write: true }).close();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}
