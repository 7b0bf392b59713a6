import { assertEquals } from "@std/assert";
import { OutcomeLog } from "../../src/dispatch/outcome_log.ts";
import { fakeEnv } from "../../src/env/mod.ts";
import type { Outcome } from "../../src/pool/mod.ts";

const REMOTE = { transport: "tcp", hostname: "::1", port: 7 } as const;
const FIGURES = { queueMs: 1, runMs: 2, lane: 3 };
const FAILED: Outcome = {
  kind: "failed",
  error: { name: "Error", message: "no luck" },
  ...FIGURES,
};
const CRASHED: Outcome = { kind: "crashed", reason: "it exited", ...FIGURES };

Deno.test("A flood of jobs that end badly is a hundred lines a second, and how many there were more", async () => {
  const { log, clock } = fakeEnv();
  const outcomes = new OutcomeLog({ log, clock });
  for (let i = 0; i < 150; i++) outcomes.write(REMOTE, "x", FAILED);
  outcomes.write(REMOTE, "x", CRASHED); // another kind has its own
  assertEquals(log.messages("info"), Array(100).fill("job failed: no luck"));
  assertEquals(log.messages("warn"), ["job crashed: The job's lane died under it: it exited"]);
  await clock.advance(1000);
  outcomes.write(REMOTE, "x", FAILED);
  const [more, next] = log.records.slice(-2);
  assertEquals([more?.message, more?.fields], ["job failed: more of them are not told", {
    count: 50,
  }]);
  assertEquals(next?.message, "job failed: no luck");
});
