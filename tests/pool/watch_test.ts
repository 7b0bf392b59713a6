import { assertEquals, assertMatch } from "@std/assert";
import { realEnv } from "../../src/env/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { JobFolder, WatchedPool } from "./job_folder.ts";

/** The runs that a test holds back, by what they were given. Job files reach it as they share the isolate. */
const held = new Map<unknown, PromiseWithResolvers<void>>();
Object.assign(globalThis, {
  heldByTheWatchTest(id: unknown) {
    const gate = Promise.withResolvers<void>();
    held.set(id, gate);
    return gate.promise;
  },
});

const HOLD = "async (id) => { await globalThis.heldByTheWatchTest(id); return";

async function watching(
  files: Readonly<Record<string, string>>,
  test: (watched: WatchedPool, folder: JobFolder) => Promise<void>,
): Promise<void> {
  await Switch.run(async (sw) => {
    const folder = await JobFolder.make(sw);
    for (const [name, run] of Object.entries(files)) await folder.write(name, run);
    await test(await WatchedPool.open(sw, folder), folder);
  });
}

Deno.test("The request after a change runs the new code", async () => {
  await watching({ a: "() => 1" }, async (watched, folder) => {
    assertEquals(await watched.run("a"), 1);
    await folder.write("a", "() => 2");
    await watched.changed();
    assertEquals(await watched.run("a"), 2);
  });
});

Deno.test("What runs at a change ends on its code, what waits runs the new, and none is lost", async () => {
  await watching({ a: `${HOLD} "old" }` }, async (watched, folder) => {
    const running = watched.run("a", "first");
    while (!held.has("first")) await watched.settle();
    const waiting = watched.run("a", "second");
    await folder.write("a", `() => "new"`);
    await watched.changed();
    held.get("first")!.resolve();
    assertEquals([await running, await waiting], ["old", "new"]);
    assertEquals(watched.pool.stats().lanes.idle, 1);
  });
});

Deno.test("A file that is broken stays as it was, and the log says why", async () => {
  await watching({ a: "() => 1", b: "() => 1" }, async (watched, folder) => {
    await folder.write("b", "() => 2");
    await folder.dir.writeText("a.ts", `throw new Error("half\\nwritten");`);
    await watched.changed();
    assertEquals(await watched.run("a"), 1);
    assertMatch(
      folder.log.lines.join("\n"),
      /ERROR Cannot use a changed job file: its last version stays file=\S+a\.ts reason="half written"/,
    );
    await folder.write("a", "() => 3");
    await watched.changed();
    assertEquals([await watched.run("a"), await watched.run("b")], [3, 2]);
  });
});

Deno.test("A job comes with its file and goes with it; what waits for it then is still run", async () => {
  await watching({ a: `${HOLD} "done" }`, z: "() => 1" }, async (watched, folder) => {
    await folder.write("b", "() => 4");
    await watched.changed();
    assertEquals(await watched.run("b"), 4);
    const running = watched.run("a", "third");
    while (!held.has("third")) await watched.settle();
    const waiting = watched.run("a", "fourth");
    await folder.dir.remove("a.ts");
    await watched.changed();
    assertEquals([...watched.pool.jobs.keys()], ["b", "z"]);
    held.get("third")!.resolve();
    while (!held.has("fourth")) await watched.settle();
    held.get("fourth")!.resolve();
    assertEquals([await running, await waiting], ["done", "done"]);
  });
});

Deno.test("A result that is kept is not given for code that has changed", async () => {
  await Switch.run(async (sw) => {
    const folder = await JobFolder.make(sw);
    const pure = (result: number) => `() => ${result}, pure: true`;
    await folder.write("a", pure(1));
    const cache = { maxEntries: 10, maxBytes: 1_000, ttlMs: 60_000 };
    const watched = await WatchedPool.open(sw, folder, { cache });
    assertEquals(await watched.run("a"), 1);
    await folder.write("a", pure(2));
    await watched.changed();
    assertEquals(await watched.run("a"), 2);
  });
});

Deno.test("A job that was put aside gets another chance when its file has changed", async () => {
  await watching({ a: `${HOLD} "old" }` }, async (watched, folder) => {
    for (let i = 0; i < 5; i++) {
      const crashing = watched.run("a", `crash ${i}`);
      while (!held.has(`crash ${i}`)) await watched.settle();
      watched.threads.alive[0]!.crash("it was hit");
      assertEquals(await crashing, "crashed");
    }
    assertEquals(await watched.run("a"), "refused");
    await folder.write("a", `() => "new"`);
    await watched.changed();
    assertEquals(await watched.run("a"), "new");
  });
});

Deno.test("What runs in a scope that a change has opened is told why it ends, when the pool is closed", async () => {
  let running: Promise<unknown> | undefined;
  await watching({ a: "() => 1" }, async (watched, folder) => {
    await folder.write("b", `${HOLD} 1 }, limits: { memoryMb: 64 }`);
    await watched.changed();
    running = watched.run("b", "at the end");
    while (!held.has("at the end")) await watched.settle();
  });
  assertEquals(await running, "killed");
});

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Real lanes run what was read, whatever has become of the file (${isolation})`, async () => {
    await Switch.run(async (sw) => {
      const folder = await JobFolder.make(sw);
      const text = (value: string) =>
        folder.dir.writeText("_text.ts", `export const text: string = "${value}";`);
      const number = (value: number) =>
        folder.dir.writeText("lib/number.wasm", moduleThatGives(value));
      const run = "(x) => { if (x === 'die') for (;;); return `${text} ${number()}`; }";
      const head = `import * as v from "valibot"; import { text } from "./_text.ts"; v.string();
        import { number } from "./lib/number.wasm";`;
      await text("one");
      await folder.dir.makeDir("lib");
      await number(1);
      await folder.write("a", run, head);
      const { threads, clock } = realEnv();
      const options = { cores: 1, spares: 0, selfTest: false, isolation, watch: true };
      const pool = await WorkerPool.open(sw, { threads, clock, log: folder.log.log }, {
        ...options,
        jobs: folder.dir,
      });
      const result = async () => {
        const outcome = await pool.submit("a", "");
        return outcome.kind === "done" ? outcome.result : outcome;
      };
      assertEquals(await result(), "one 1");

      await text("two");
      await folder.untilLogged(/have changed/);
      assertEquals(await result(), "two 1");

      await number(2);
      await folder.untilLogged(/have changed/);
      assertEquals(await result(), "two 2");

      await folder.dir.writeText("a.ts", "this is no job");
      await folder.untilLogged(/last version stays/);
      await folder.dir.writeText("lib/number.wasm", "this is no module");
      const killed = await pool.submit("a", "die", { deadlineMs: 20, graceMs: 0 });
      assertEquals(killed.kind, "deadline");
      assertEquals(await result(), "two 2");
    });
  });
}

/** WebAssembly that exports `number`, a function which gives this number. All of it is ASCII. */
function moduleThatGives(value: number): string {
  return String.fromCharCode(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0],
    ...[7, 10, 1, 6, ...new TextEncoder().encode("number"), 0, 0],
    ...[10, 6, 1, 4, 0, 0x41, value, 0x0b],
  );
}
