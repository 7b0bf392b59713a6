import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeClock, fakeDir, FakeLog } from "../../src/env/mod.ts";
import { QUIET_MS, watchJobs } from "../../src/pool/jobs/watch_jobs.ts";
import { Switch } from "../../src/switch/mod.ts";

/** Watches a folder in memory, and gives what is taken up. */
async function watching(
  test: (parts: {
    readonly dir: ReturnType<typeof fakeDir>;
    readonly clock: FakeClock;
    readonly log: FakeLog;
    readonly taken: (readonly string[])[];
    readonly fail: { error: Error | undefined };
  }) => Promise<void>,
): Promise<void> {
  const dir = fakeDir({ "a.ts": "1", "b.ts": "1" });
  const clock = new FakeClock();
  const log = new FakeLog();
  const taken: (readonly string[])[] = [];
  const fail: { error: Error | undefined } = { error: undefined };
  await Switch.run(async (sw) => {
    const watcher = dir.watch(sw);
    sw.forkDaemon((signal) =>
      watchJobs(watcher, { clock, log }, async (paths) => {
        await Promise.resolve();
        taken.push(paths);
        if (fail.error !== undefined) throw fail.error;
      }, signal)
    );
    await test({ dir, clock, log, taken, fail });
  });
}

Deno.test("A change is taken up once the files have been left alone", async () => {
  await watching(async ({ dir, clock, taken }) => {
    await dir.writeText("a.ts", "2");
    await clock.settle();
    clock.tick(QUIET_MS - 1);
    await clock.settle();
    assertEquals(taken, []);
    clock.tick(1);
    await clock.settle();
    assertEquals(taken, [["a.ts"]]);
  });
});

Deno.test("Changes that follow each other are taken up together, each file named once", async () => {
  await watching(async ({ dir, clock, taken }) => {
    for (const path of ["b.ts", "a.ts", "b.ts"]) {
      await dir.writeText(path, "2");
      await clock.settle();
      clock.tick(QUIET_MS - 1);
      await clock.settle();
    }
    assertEquals(taken, []);
    clock.tick(1);
    await clock.settle();
    assertEquals(taken, [["a.ts", "b.ts"]]);
  });
});

Deno.test("What cannot be taken up is logged, and the next change is taken up", async () => {
  await watching(async ({ dir, clock, log, taken, fail }) => {
    fail.error = new Error("no lane");
    for (const text of ["2", "3"]) {
      await dir.writeText("a.ts", text);
      await clock.settle();
      clock.tick(QUIET_MS);
      await clock.settle();
    }
    assertEquals(taken.length, 2);
    assert(log.lines[0]!.includes("the jobs stay as they were"), log.lines[0]);
  });
});

Deno.test("It ends with its signal, whatever it waits for", async () => {
  for (const isQuietAwaited of [false, true]) {
    await Switch.run(async (sw) => {
      const dir = fakeDir({ "a.ts": "1" });
      const clock = new FakeClock();
      const end = new AbortController();
      const takeUp = () => Promise.reject(new Error("nothing is to be taken up"));
      const env = { clock, log: new FakeLog() };
      const watched = watchJobs(dir.watch(sw), env, takeUp, end.signal);
      if (isQuietAwaited) await dir.writeText("a.ts", "2");
      await clock.settle();
      end.abort();
      await assertRejects(() => watched);
    });
  }
});
