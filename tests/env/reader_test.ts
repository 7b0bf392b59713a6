import { assert, assertEquals, assertMatch } from "@std/assert";
import { realEnv, type ScopeSpec, type Thread } from "../../src/env/mod.ts";
import { NOTHING } from "../../src/pool/jobs/grants.ts";
import type { FromLane } from "../../src/pool/link/mod.ts";
import { Switch } from "../../src/switch/mod.ts";

const FOLDER = new URL("../fixtures/jobs/gated", import.meta.url);

/** A scope whose threads only read, here or nowhere. */
function readers(read: readonly string[] | "none"): ScopeSpec {
  const permissions = { ...NOTHING, read };
  return { name: "reader", isolation: "worker", permissions, memoryMb: 64, onlyReads: true };
}

async function startReader(sw: Switch, read: readonly string[] | "none"): Promise<Thread> {
  return await (await realEnv().threads.open(sw, readers(read))).start(0);
}

function read(
  thread: Thread,
  folder: string = FOLDER.href,
  job = "gated",
): Promise<FromLane & { type: "read" }> {
  return new Promise((resolve) => {
    thread.onMessage((message) => resolve(message as FromLane & { type: "read" }));
    thread.post({ type: "read", folder: `${folder}/`, urls: [`${folder}/${job}.ts`] });
  });
}

Deno.test("A thread that only reads gives the code of a job and of what it imports", async () => {
  await Switch.run(async (sw) => {
    const { snapshot, broken } = await read(await startReader(sw, [FOLDER.pathname]));
    assertEquals(broken, {});
    const names = [...snapshot.sources.keys()].map((url) => url.replace(/.*\//, ""));
    assertEquals(names.sort(), ["_gates.ts", "gated.ts"]);
  });
});

Deno.test("A thread that only reads has the permissions of its scope and no more", async () => {
  await Switch.run(async (sw) => {
    const { broken } = await read(await startReader(sw, "none"));
    assertMatch(broken[`${FOLDER}/gated.ts`]!, /read access/);
  });
});

Deno.test("A file that is larger than code may be is not read", async () => {
  await Switch.run(async (sw) => {
    const dir = await (await realEnv().fs.subtree("tmp")).tempDir(sw);
    await Deno.writeTextFile(`${dir.path}/vast.ts`, "");
    await Deno.truncate(`${dir.path}/vast.ts`, 2 ** 24 + 1);
    const { broken } = await read(await startReader(sw, [dir.path]), `file://${dir.path}`, "vast");
    assertMatch(Object.values(broken).join(), /it has 16777217 bytes, and code may have 16777216/);
  });
});

Deno.test("A file that is missing is named, and so is the one that imports it", async () => {
  await Switch.run(async (sw) => {
    const dir = await (await realEnv().fs.subtree("tmp")).tempDir(sw);
    await dir.writeText("job.ts", 'import "./missing.ts";\n');
    const { broken } = await read(await startReader(sw, [dir.path]), `file://${dir.path}`, "job");
    assertMatch(Object.values(broken).join(), /missing\.ts.*job\.ts/s);
  });
});

Deno.test("A thread that only reads ends with the switch of its scope", async () => {
  const thread = await Switch.run((sw) => startReader(sw, "none"));
  assertEquals(await thread.ended, { kind: "killed" });
  assert((await thread.kill()).verified);
});
