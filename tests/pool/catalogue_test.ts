import { assertEquals, assertMatch } from "@std/assert";
import { fakeDir } from "../../src/env/mod.ts";
import { findJobFiles } from "../../src/pool/jobs/catalogue.ts";
import { Switch } from "../../src/switch/mod.ts";
import { gates } from "../fixtures/jobs/gated/_gates.ts";
import { FakePool, fixtureJobs } from "./fake_pool.ts";

Deno.test("findJobFiles() takes TypeScript and JavaScript, less tests, declarations, _ and . files", async () => {
  const names = ["fib.ts", "sum.js", "_kit.ts", ".hidden.ts", "fib_test.ts", "fib.test.ts"];
  const more = ["types.d.ts", "notes.md", "data.json", "runtime/lane.ts", "script.mjs", "tests"];
  const files = Object.fromEntries([...names, ...more].map((name) => [name, ""]));
  const found = await findJobFiles(fakeDir(files));
  assertEquals(found.map((url) => url.split("/").at(-1)), ["fib.ts", "sum.js"]);
});

Deno.test("findJobFiles() gives URLs that lead to the files, whatever their names", async () => {
  const files = { "100% & more?#.ts": "" };
  const dir = fakeDir(files);
  const [url] = await findJobFiles(dir);
  assertEquals(decodeURIComponent(new URL(url!).pathname), `${dir.path}/100% & more?#.ts`);
});

Deno.test("A job file that throws, hangs, is none or has a taken name is broken, the others are read", async () => {
  const fake = new FakePool();
  const names = await Switch.run(async (sw) => {
    const opening = fake.open(sw, { jobs: await fixtureJobs("broken") });
    await gates.arrival(0); // hangs.ts is being loaded
    await fake.clock.advance(10_000);
    gates.open(0);
    return [...(await opening).jobs.keys()];
  });
  assertEquals(names, ["again", "good"]);
  const reasons = Object.fromEntries(fake.log.records.map(({ message, fields }) => {
    assertEquals(message, "Cannot use a job file");
    return [String(fields.file).split("/").at(-1), String(fields.reason)];
  }));
  assertEquals(Object.keys(reasons).sort(), [
    "duplicate.ts",
    "hangs.ts",
    "nothing.ts",
    "throws.ts",
  ]);
  assertMatch(reasons["duplicate.ts"]!, /^its name again is taken by file:.*again\.ts$/);
  assertEquals(reasons["hangs.ts"], "it took over 10000 ms");
  assertMatch(reasons["nothing.ts"]!, /must `export default defineJob/);
  assertEquals(reasons["throws.ts"], "this file throws");
});
