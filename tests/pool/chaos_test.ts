import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Outcome } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { FakePool, type Gated } from "./fake_pool.ts";

/** What happens, in which order; `n` chooses to whom. */
const events = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...[
        "submit",
        "submit",
        "submit",
        "open",
        "fail",
        "cancel",
        "crash",
        "exhaust",
        "heavy",
        "end",
      ],
      ...["time", "time", "settle", "killsFail", "grow", "startsFail", "allGoesWell", "drain"],
    ),
    n: fc.nat(),
  }),
  { maxLength: 60 },
);

/** A pool to which anything may happen. */
class Chaos {
  readonly fake = new FakePool(2);
  readonly jobs: Gated[] = [];
  readonly outcomes: Outcome[] = [];

  async happen(what: string, n: number): Promise<void> {
    const { clock, threads, pool } = this.fake;
    const job = this.jobs[n % this.jobs.length];
    const thread = threads.alive[n % threads.alive.length];
    if (what === "submit") this.#submit(n);
    else if (what === "open" && job) gates.open(job.id);
    else if (what === "fail" && job) gates.fail(job.id);
    else if (what === "cancel") job?.cancel();
    else if (what === "crash") thread?.crash("chaos");
    else if (what === "end") thread?.end({ kind: "out-of-memory" });
    else if (what === "exhaust" && thread) {
      this.fake.say(thread, { type: "out-of-memory", memory: "heap" });
    } else if (what === "time") clock.tick(n % 200);
    else if (what === "settle") await clock.settle();
    else if (what === "killsFail") threads.killsTake = false;
    else if (what === "startsFail") threads.startError = new Error("chaos");
    else if (what === "allGoesWell") this.goWell();
    else if (what === "drain" && n % 8 === 0) void pool.drain();
  }

  goWell(): void {
    this.fake.threads.killsTake = true;
    this.fake.threads.startError = undefined;
  }

  #submit(n: number): void {
    const job = this.fake.gated({
      heeds: n % 2 === 0,
      graceMs: n % 3 * 10,
      deadlineMs: 1 + n % 500,
    });
    this.jobs.push(job);
    void job.outcome.then((outcome) => this.outcomes.push(outcome));
  }
}

Deno.test("Laws 7 and 8: whatever dies, each request starts at most once and has one outcome", async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.boolean(), async (events, isClosedEarly) => {
      const chaos = new Chaos();
      const { fake } = chaos;
      await Switch.run(async (sw) => {
        await fake.open(sw, { cores: 2, spares: 1, maxLanes: 4, maxQueue: 6 });
        for (const { what, n } of events) await chaos.happen(what, n);
        if (isClosedEarly) return;
        chaos.goWell();
        for (let i = 0; chaos.outcomes.length < chaos.jobs.length && i < 100; i++) {
          await fake.clock.settle();
          fake.clock.tick(1_000);
        }
      });
      await fake.clock.settle();
      assertEquals(chaos.outcomes.length, chaos.jobs.length);
      const counts = fake.pool.stats().outcomes;
      assertEquals(Object.values(counts).reduce((a, b) => a + b), chaos.jobs.length);
      const started = gates.started.filter((id) => chaos.jobs.some((job) => job.id === id));
      assertEquals(started.length, new Set(started).size);
      for (const { kind, lane } of chaos.outcomes) assert(kind !== "done" || lane > 0);
      assertEquals(fake.clock.timers, 0);
      chaos.jobs.forEach(({ id }) => gates.open(id));
    }),
    { numRuns: 300 },
  );
});
