import { FakeLog, type Isolation, type LogRecord, realEnv } from "../../src/env/mod.ts";
import { type Services, type ServicesOf, WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import type { Offered } from "../fixtures/jobs/talking/calls.ts";
import { FakePool, fixtureJobs } from "./fake_pool.ts";

/** What the jobs of a pool run in. */
export type Backend = Isolation | "fake";

/** All backends. */
export const BACKENDS: readonly Backend[] = ["worker", "process", "fake"];

/** So many calls of `double` are awaited before the first is answered. */
const FULL = 16;

/** What the server offers in these tests, and what is seen of its use. */
export class Offer {
  /** The most calls that were under way at once. */
  most = 0;
  /** Resolves when `wait` was called, to its signal. */
  readonly waiting = Promise.withResolvers<AbortSignal>();
  readonly #full = Promise.withResolvers<void>();
  readonly #release = Promise.withResolvers<void>();
  #underWay = 0;

  readonly services: ServicesOf<Offered> & Services = {
    double: async (_context, n) => {
      this.most = Math.max(this.most, ++this.#underWay);
      if (this.most === FULL) this.#full.resolve();
      await this.#full.promise;
      this.#underWay--;
      return n * 2;
    },
    fail: (_context, why) => {
      throw new RangeError(`it failed ${why}`);
    },
    wait: ({ signal }) => {
      this.waiting.resolve(signal);
      return this.#release.promise;
    },
  };

  /** Has `wait` return. */
  release(): void {
    this.#release.resolve();
  }
}

/** A log that can be waited for. */
export class AwaitedLog extends FakeLog {
  readonly #wanted: { message: string; seen: (record: LogRecord) => void }[] = [];

  /** Resolves when a line with this message was written, to the record. */
  line(message: string): Promise<LogRecord> {
    const { promise, resolve } = Promise.withResolvers<LogRecord>();
    this.#wanted.push({ message, seen: resolve });
    this.#look();
    return promise;
  }

  override info(...args: Parameters<FakeLog["info"]>): void {
    super.info(...args);
    this.#look();
  }

  override warn(...args: Parameters<FakeLog["warn"]>): void {
    super.warn(...args);
    this.#look();
  }

  #look(): void {
    for (const { message, seen } of this.#wanted) {
      const record = this.records.findLast((written) => written.message === message);
      if (record !== undefined) seen(record);
    }
  }
}

/** Runs a test with a pool of the talking jobs. */
export function withTalkingPool(
  backend: Backend,
  test: (pool: WorkerPool, offer: Offer, log: AwaitedLog) => Promise<void>,
): Promise<void> {
  return Switch.run(async (sw) => {
    const offer = new Offer();
    const log = new AwaitedLog();
    const options = {
      jobs: await fixtureJobs("talking"),
      grants: {
        calls: { calls: ["double", "fail", "wait"] },
        fetches: { net: ["127.0.0.1"], run: ["echo"], isolation: "worker" },
        env: { env: ["TALKING_TEST"], read: true },
      },
      services: offer.services,
      cores: 1,
      spares: 1,
      maxLanes: 2,
      selfTest: false,
      graceMs: 30_000, // these jobs obey, on a slow machine too
    } as const;
    if (backend === "fake") {
      const fake = new FakePool(1, log);
      await test(await fake.open(sw, options), offer, log);
    } else {
      const env = { ...realEnv(), log };
      await test(await WorkerPool.open(sw, env, { ...options, isolation: backend }), offer, log);
    }
  });
}
