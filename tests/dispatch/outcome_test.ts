import { assertEquals } from "@std/assert";
import type { Stop } from "../../src/pool/mod.ts";
import type { StandInPool } from "./stand_in_pool.ts";
import { talk } from "./talk.ts";

type Settled = Parameters<StandInPool["settle"]>[1];

const stop = (changes: Partial<Stop>): Stop => ({
  how: "killed",
  why: "its client left",
  ms: 105.6,
  verified: true,
  ...changes,
});

const AT = "1970-01-01T00:00:00.000Z";
const FIELDS = "remote=[::1]:49152 job=fib lane=3 queueMs=1 runMs=2";

/** How a job ended, what its client is told, and the line in the log about it. */
const cases: readonly (readonly [Settled, string, string?])[] = [
  [{ kind: "done", result: "55" }, "Result: 55"],
  [{ kind: "done", result: 55 }, "Result: 55"],
  [{ kind: "done", result: "two\nlines" }, 'Result: "two\\nlines"'],
  [
    { kind: "failed", error: { name: "RangeError", message: "too large" } },
    "Error: too large",
    "INFO  job failed: too large",
  ],
  [
    { kind: "failed", error: { name: "RangeError", message: "" } },
    "Error: RangeError",
    "INFO  job failed: RangeError",
  ],
  [
    { kind: "invalid", error: { name: "SyntaxError", message: "Expected a whole number" } },
    "Error: Cannot run the job on this input: Expected a whole number [INVALID]",
    "INFO  job invalid: Cannot run the job on this input: Expected a whole number",
  ],
  [
    { kind: "cancelled", stop: stop({ how: "asked", ms: 0.2 }) },
    "Error: The job was cancelled, as its client left; it stopped when asked, after 1 ms [CANCELLED]",
    "INFO  job cancelled: its client left; it stopped when asked, after 1 ms",
  ],
  [
    { kind: "cancelled", stop: stop({ how: "never-started", ms: 0 }) },
    "Error: The job was cancelled, as its client left; it had not started [CANCELLED]",
    "INFO  job cancelled: its client left; it had not started",
  ],
  [
    { kind: "killed", stop: stop({}) },
    "Error: The job was killed, as its client left; it was killed after 106 ms [KILLED]",
    "WARN  job killed: its client left; it was killed after 106 ms",
  ],
  [
    { kind: "killed", stop: stop({ verified: false, ms: 1100 }) },
    "Error: The job was killed, as its client left; it was killed, but had not ended after 1100 ms [KILLED]",
    "WARN  job killed: its client left; it was killed, but had not ended after 1100 ms",
  ],
  [
    { kind: "deadline", deadlineMs: 30_000, stop: stop({ why: "it was late" }) },
    "Error: The job was stopped, as it ran longer than its deadline of 30000 ms; it was killed after 106 ms [DEADLINE]",
    "WARN  job deadline: The job was stopped, as it ran longer than its deadline of 30000 ms; it was killed after 106 ms",
  ],
  [
    { kind: "out-of-memory", memory: "buffers", memoryMb: 128 },
    "Error: The job was stopped, as it used more than its 128 MiB of array buffers [OUT_OF_MEMORY]",
    "WARN  job out-of-memory: The job was stopped, as it used more than its 128 MiB of array buffers",
  ],
  [
    { kind: "crashed", reason: "it exited\n with code 1" },
    "Error: The job's lane died under it: it exited with code 1 [CRASHED]",
    "WARN  job crashed: The job's lane died under it: it exited with code 1",
  ],
  [
    { kind: "refused", code: "BUSY", reason: "The queue is full" },
    "Error: The queue is full [BUSY]",
    "WARN  job refused: The queue is full",
  ],
];

for (const [outcome, reply, logged] of cases) {
  Deno.test(`A job that ended ${outcome.kind} is answered: ${reply}`, async () => {
    await talk({}, async ({ client, pool, clock, log }) => {
      await client.say("30\n");
      await clock.settle();
      pool.settle(0, outcome);
      assertEquals(await client.hear(reply.length + 1), `${reply}\n`);
      const ending = "stop" in outcome
        ? ` how=${outcome.stop.how} stopMs=${Math.round(outcome.stop.ms)}`
        : "";
      assertEquals(log.lines, logged ? [`${AT} ${logged} ${FIELDS}${ending}`] : []);
    });
  });
}

Deno.test("The default job that could not be loaded is refused in words, line by line", async () => {
  await talk({ dispatcher: { defaultJob: "fact" } }, async ({ client, pool }) => {
    await client.say("30\n0x1e\nPING\n");
    const refusal =
      "Error: Cannot run fact, the job that numbers go to: there is none here; JOBS lists all [UNKNOWN_JOB]\n";
    assertEquals(
      await client.hear(2 * refusal.length + "PONG\n".length),
      `${refusal}${refusal}PONG\n`,
    );
    assertEquals(pool.taken, []);
  });
});
