import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import { JobRequest, type Outcome, Submitter, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

/** A request with a text, as a line brings it. */
class Line extends JobRequest {
  readonly outcome = Promise.withResolvers<Outcome>();

  override settled(outcome: Outcome): void {
    this.outcome.resolve(outcome);
  }
}

/** The jobs of `workers/` in a real pool. */
class Jobs {
  readonly #pool: WorkerPool;
  readonly #submitter = new Submitter();

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  get names(): string[] {
    return [...this.#pool.jobs.keys()];
  }

  /** Submits a text, as a line does. */
  line(job: string, text: string): { readonly outcome: Promise<Outcome>; cancel(): void } {
    const request = new Line(this.#pool.jobs.get(job)!, text, this.#submitter, { graceMs: 50 });
    this.#pool.enqueue(request);
    const cancel = () => this.#pool.cancel(request, "the test says so");
    return { outcome: request.outcome.promise, cancel };
  }

  /** The text that a line is answered with; where it is none, the kind of its outcome and why. */
  async answer(job: string, text: string): Promise<unknown> {
    const outcome = await this.line(job, text).outcome;
    if (outcome.kind === "done") return outcome.result;
    return "error" in outcome ? `${outcome.kind}: ${outcome.error.message}` : outcome.kind;
  }

  /** The result of a value. */
  async value(job: string, value: unknown): Promise<unknown> {
    const outcome = await this.#pool.submit(job, value);
    return outcome.kind === "done" ? outcome.result : outcome.kind;
  }
}

Deno.test("The jobs in workers/", async (t) => {
  await Switch.run(async (sw) => {
    const { threads, clock, fs } = realEnv();
    const folder = decodeURIComponent(new URL("../../workers", import.meta.url).pathname);
    const pool = await WorkerPool.open(sw, { threads, clock, log: new FakeLog() }, {
      jobs: await fs.subtree(folder.slice(1)),
      cores: 2,
      spares: 1,
      selfTest: false,
    });
    const jobs = new Jobs(pool);
    const laws: Record<string, (jobs: Jobs) => Promise<void>> = {
      ...fibLaws,
      ...shaLaws,
      ...primesLaws,
      ...sleepLaws,
      ...spinLaws,
    };
    assertEquals(jobs.names, ["fib", "primes", "sha256", "sleep", "spin"]);
    for (const [name, law] of Object.entries(laws)) await t.step(name, () => law(jobs));
  });
});

/** Asks a job each question, and compares. */
async function ask(jobs: Jobs, job: string, answers: readonly (readonly [string, string])[]) {
  for (const [question, expected] of answers) {
    assertEquals(await jobs.answer(job, question), expected, `${job} ${question}`);
  }
}

const fibLaws = {
  "fib gives the known numbers": (jobs: Jobs) =>
    ask(jobs, "fib", [["0", "0"], ["1", "1"], ["2", "1"], ["10", "55"], ["30", "832040"]]),
  "fib gives n for n <= 1, exactly": (jobs: Jobs) =>
    ask(jobs, "fib", [
      ["-1", "-1"],
      ["-4611686018427387904", "-4611686018427387904"],
      ["0x7fffffffffffffff", "-1"],
    ]),
  "fib takes every form of an integer": (jobs: Jobs) =>
    ask(jobs, "fib", [
      ["0xA", "55"],
      ["0b1010", "55"],
      ["0o12", "55"],
      ["0u10", "55"],
      ["+10", "55"],
      ["1_0", "55"],
    ]),
  "fib refuses what is no integer": (jobs: Jobs) =>
    ask(
      jobs,
      "fib",
      ["", " 1", "1 ", "1.5", "abc", "_1", "0x", "4611686018427387904", "1e3"].map((text) =>
        [text, "invalid: Invalid number"] as const
      ),
    ),
  "fib takes numbers and bigints as values": async (jobs: Jobs) => {
    assertEquals(await jobs.value("fib", 20), 6765);
    assertEquals(await jobs.value("fib", 20n), 6765);
    assertEquals(await jobs.value("fib", -(2n ** 62n)), -(2n ** 62n));
    assertEquals(await jobs.value("fib", 1.5), "invalid");
    assertEquals(await jobs.value("fib", "20"), "invalid");
  },
};

const shaLaws = {
  "sha256 gives the known sums": (jobs: Jobs) =>
    ask(jobs, "sha256", [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      ["hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"],
    ]),
  "sha256 sums the UTF-8 of a text, however long": async (jobs: Jobs) => {
    for (const text of ["Grüße, 世界 🚂", "ü".repeat(10_000)]) {
      const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      assertEquals(await jobs.answer("sha256", text), new Uint8Array(sum).toHex());
    }
  },
};

const primesLaws = {
  "primes counts as known": (jobs: Jobs) =>
    ask(jobs, "primes", [
      ...[["-5", "0"], ["0", "0"], ["1", "0"], ["2", "1"], ["3", "2"], ["4", "2"]] as const,
      ...[["100", "25"], ["1000", "168"], ["131072", "12251"], ["131073", "12251"]] as const,
      ["1000000", "78498"],
    ]),
  "primes counts as trial division does": async (jobs: Jobs) => {
    let count = 0;
    for (let n = 0; n <= 200; n++) {
      if (isPrime(n)) count++;
      assertEquals(await jobs.value("primes", n), count, `up to ${n}`);
    }
  },
  "primes refuses what is no whole number, or too large": async (jobs: Jobs) => {
    for (const text of ["", "ten", "1.5", "0x10", "10000000001", "9".repeat(30)]) {
      assertMatch(String(await jobs.answer("primes", text)), /^invalid: /, text);
    }
  },
  "primes stops when asked": async (jobs: Jobs) => {
    const { outcome, cancel } = jobs.line("primes", "10000000000");
    await jobs.answer("sleep", "20"); // its first segments are done by then
    cancel();
    const { kind } = await outcome;
    assert(kind === "cancelled" || kind === "killed", kind);
  },
};

const sleepLaws = {
  "sleep waits, and says how long": async (jobs: Jobs) => {
    const { clock } = realEnv();
    const before = clock.monotonic();
    assertEquals(await jobs.answer("sleep", "30"), "30");
    assert(clock.monotonic() - before >= 29);
  },
  "sleep stops when asked": async (jobs: Jobs) => {
    const { outcome, cancel } = jobs.line("sleep", "60000");
    await jobs.answer("sleep", "1");
    cancel();
    const stopped = await outcome;
    assert(stopped.kind === "cancelled", stopped.kind);
    assertEquals(stopped.stop.how, "asked");
    assertLess(stopped.runMs, 30_000);
  },
  "sleep refuses what is no time": async (jobs: Jobs) => {
    for (const text of ["", "-1", "soon", "86400001", "1e3"]) {
      assertMatch(String(await jobs.answer("sleep", text)), /^invalid: /, text);
    }
  },
};

const spinLaws = {
  "spin burns until it is killed": async (jobs: Jobs) => {
    const { outcome, cancel } = jobs.line("spin", "");
    await jobs.answer("sleep", "20");
    cancel();
    const stopped = await outcome;
    assert(stopped.kind === "killed", stopped.kind);
    assertEquals([stopped.stop.how, stopped.stop.verified], ["killed", true]);
  },
};

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
}
