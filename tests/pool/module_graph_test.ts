import { assertEquals } from "@std/assert";
import { FakeLog, realEnv } from "../../src/env/mod.ts";
import { graphOf, type Snapshot, snapshotOf } from "../../src/pool/link/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";

/** A snapshot of modules whose text is their name. */
function aSnapshot(imports: Readonly<Record<string, readonly string[]>>, text = ""): Snapshot {
  const entries = Object.entries(imports);
  return {
    sources: new Map(entries.map(([url]) => [url, `${url}${text}`])),
    imports: new Map(entries.map(([url, its]) => [url, new Map(its.map((one) => [one, one]))])),
  };
}

Deno.test("graphOf() finds what is reached, also where modules import each other", () => {
  const snapshot = aSnapshot({ a: ["b"], b: ["c", "a"], c: [], d: ["c"] });
  assertEquals([...graphOf(snapshot, ["a"])].sort(), ["a", "b", "c"]);
  assertEquals([...graphOf(snapshot, ["d"])].sort(), ["c", "d"]);
});

Deno.test("snapshotOf() leaves out what is another job's, and keeps data with its module", () => {
  const snapshot = aSnapshot({ a: ["c"], b: [], c: [], "c#json": [] });
  const { sources, imports } = snapshotOf([snapshot], ["a"]);
  assertEquals([...sources.keys()], ["a", "c", "c#json"]);
  assertEquals(imports.has("b"), false);
});

Deno.test("snapshotOf() takes of two snapshots what the later says", () => {
  const { sources } = snapshotOf([aSnapshot({ a: [], b: [] }), aSnapshot({ a: [] }, "2")], [
    "a",
    "b",
  ]);
  assertEquals(Object.fromEntries(sources), { a: "a2", b: "b" });
});

const LANES = [
  { isolation: "worker", watch: false },
  { isolation: "worker", watch: true },
  { isolation: "process", watch: false },
] as const;

for (const lanes of LANES) {
  const how = `${lanes.isolation}${lanes.watch ? ", watched" : ""}`;
  Deno.test(`A job has each kind of module that it names, and may read nothing (${how})`, async () => {
    const outcome = await Switch.run(async (sw) => {
      const options = { ...lanes, cores: 1, spares: 0, selfTest: false };
      const jobs = await fixtureJobs("importing");
      const env = { ...realEnv(), log: new FakeLog() };
      const pool = await WorkerPool.open(sw, env, { ...options, jobs });
      return await pool.submit("imports", "hey");
    });
    const says = outcome.kind === "done" ? outcome.result : outcome;
    assertEquals(says, ["HEY!", "blue", "blue", "LATE!", 42, 42, "<p><em>a</em></p>"]);
  });
}
