import { assertEquals } from "@std/assert";
import { FakeLog, type Isolation, type LogFields, realEnv } from "../../src/env/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

/** A log that says when so many lines have been printed. */
class PrintLog extends FakeLog {
  readonly printed: LogFields[] = [];
  readonly #enough = Promise.withResolvers<void>();
  readonly #wanted: number;

  constructor(wanted: number) {
    super();
    this.#wanted = wanted;
  }

  get enough(): Promise<void> {
    return this.#enough.promise;
  }

  override info(message: string, fields: LogFields = {}): void {
    this.#see("info", message, fields);
  }

  override warn(message: string, fields: LogFields = {}): void {
    this.#see("warn", message, fields);
  }

  #see(level: string, message: string, { job, text }: LogFields): void {
    if (message !== "job printed") return;
    this.printed.push({ level, job, text });
    if (this.printed.length === this.#wanted) this.#enough.resolve();
  }
}

for (const isolation of ["worker", "process"] satisfies Isolation[]) {
  Deno.test(`In a ${isolation} lane, what a job prints goes to the log, up to a limit`, async () => {
    const log = new PrintLog(101);
    await Switch.run(async (sw) => {
      const pool = await openPrinting(sw, log, isolation);
      await pool.submit("prints", 1_000);
      await log.enough;
    });
    const { printed } = log;
    const first = "a warning,\nin two lines { of: 'two parts' }";
    assertEquals(printed[0], { level: "warn", job: "prints", text: first });
    assertEquals(printed[1], { level: "info", job: "prints", text: "line 1" });
    assertEquals(printed[99], { level: "info", job: "prints", text: "line 99" });
    assertEquals(printed[100]?.text, "it printed more than 100 lines; the rest is dropped");
    assertEquals(printed.length, 101);
  });

  Deno.test(`In a ${isolation} lane, what a job writes to the standard streams goes to the log`, async () => {
    const log = new PrintLog(5);
    await Switch.run(async (sw) => {
      const pool = await openPrinting(sw, log, isolation);
      const outcome = await pool.submit("streams", null);
      assertEquals(outcome.kind === "done" && outcome.result, [7, 7]);
      await log.enough;
    });
    assertEquals(log.printed.map(({ level, text }) => `${level}: ${text}`), [
      "info: stdout",
      "warn: stderr",
      "info: a stream",
      "info: node's stdout",
      "warn: node's stderr",
    ]);
  });

  Deno.test(`In a ${isolation} lane, what is not permitted is said without a flag of Deno's`, async () => {
    await Switch.run(async (sw) => {
      const pool = await openPrinting(sw, new FakeLog(), isolation);
      const outcome = await pool.submit("prints", 1);
      const message = "error" in outcome ? outcome.error.message : outcome.kind;
      assertEquals(message, 'Requires read access to "/etc/hostname", which it was not granted');
    });
  });
}

async function openPrinting(
  sw: Switch,
  log: FakeLog,
  isolation: Isolation,
): Promise<WorkerPool> {
  const folder = new URL("../fixtures/jobs/printing/", import.meta.url).pathname;
  const env = realEnv();
  const jobs = await env.fs.subtree(decodeURIComponent(folder).slice(1));
  return await WorkerPool.open(sw, { ...env, log }, {
    jobs,
    isolation,
    selfTest: false,
    spares: 0,
  });
}
