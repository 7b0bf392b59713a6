import { assertEquals, assertRejects } from "@std/assert";
import { type Dir, DirError, type DirErrorCode, fakeDir } from "../../src/env/mod.ts";
import { denoDir } from "../../src/env/deno_dir.ts";

const FILES = { "jobs/fib.ts": "fib", "jobs/deep/a.txt": "a", "top.txt": "top" };

/** Runs `test` with a real folder that holds the files, beside one that is out of bounds. */
async function withRealDir(test: (dir: Dir, outside: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/in/jobs/deep`, { recursive: true });
    await Deno.mkdir(`${folder}/in-between`);
    await Deno.writeTextFile(`${folder}/in-between/secret.txt`, "secret");
    for (const [path, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(`${folder}/in/${path}`, text);
    }
    await test(denoDir(`${folder}/in`), `${folder}/in-between`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function law(name: string, test: (dir: Dir) => Promise<void>): void {
  Deno.test(`A real Dir ${name}`, () => withRealDir(test));
  Deno.test(`A fake Dir ${name}`, () => test(fakeDir(FILES)));
}

async function assertDirError(code: DirErrorCode, fn: () => Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(fn, DirError)).code, code);
}

law("reads, lists and writes below itself", async (dir) => {
  assertEquals(await dir.readText("jobs/fib.ts"), "fib");
  assertEquals(await dir.readText("./jobs//fib.ts"), "fib");
  assertEquals(await dir.list(), [
    { name: "jobs", isFile: false, isDirectory: true },
    { name: "top.txt", isFile: true, isDirectory: false },
  ]);
  await dir.writeText("jobs/new.ts", "new");
  await dir.writeText("top.txt", "over");
  assertEquals((await dir.list("jobs")).map(({ name }) => name), ["deep", "fib.ts", "new.ts"]);
  assertEquals(await dir.readText("top.txt"), "over");
});

law("refuses what is absolute or has a ..", async (dir) => {
  for (const path of ["/etc/passwd", "../in-between/secret.txt", "jobs/../top.txt", "..", "a\0b"]) {
    await assertDirError("outside", () => dir.readText(path));
    await assertDirError("outside", () => dir.writeText(path, ""));
    await assertDirError("outside", () => dir.list(path));
    await assertDirError("outside", () => dir.resolve(path));
    await assertDirError("outside", () => dir.subtree(path));
  }
});

law("says what is not there and what is no directory", async (dir) => {
  await assertDirError("not-found", () => dir.readText("none.txt"));
  await assertDirError("not-found", () => dir.writeText("none/a.txt", ""));
  await assertDirError("not-a-directory", () => dir.list("top.txt"));
  await assertDirError("not-a-directory", () => dir.subtree("top.txt"));
  await assertDirError("other", () => dir.readText("jobs"));
  await assertDirError("other", () => dir.writeText("jobs", ""));
  await assertDirError("other", () => dir.writeText(".", ""));
});

law("gives away a part of itself, alone", async (dir) => {
  const jobs = await dir.subtree("jobs");
  assertEquals(jobs.path, `${dir.path}/jobs`);
  assertEquals(await jobs.resolve("deep/a.txt"), `${dir.path}/jobs/deep/a.txt`);
  assertEquals(await (await jobs.subtree("deep")).readText("a.txt"), "a");
  assertEquals(await (await jobs.subtree(".")).readText("fib.ts"), "fib");
  await assertDirError("outside", () => jobs.readText("../top.txt"));
});

Deno.test("A real Dir follows a link that stays below it and refuses one that leads out", async () => {
  await withRealDir(async (dir, outside) => {
    await Deno.symlink("jobs/fib.ts", `${dir.path}/inner.ts`);
    await Deno.symlink(outside, `${dir.path}/out`);
    await Deno.symlink(`${outside}/secret.txt`, `${dir.path}/secret.txt`);
    await Deno.symlink(`${outside}/new.txt`, `${dir.path}/dangling.txt`);
    assertEquals(await dir.readText("inner.ts"), "fib");
    await dir.writeText("inner.ts", "new");
    assertEquals(await dir.readText("jobs/fib.ts"), "new");
    for (const path of ["out", "out/secret.txt", "secret.txt"]) {
      await assertDirError("outside", () => dir.resolve(path));
      await assertDirError("outside", () => dir.readText(path));
    }
    for (const path of ["out/new.txt", "secret.txt", "dangling.txt"]) {
      await assertDirError("outside", () => dir.writeText(path, "over"));
    }
    await assertDirError("outside", () => dir.subtree("out"));
    assertEquals(await Deno.readTextFile(`${outside}/secret.txt`), "secret");
    assertEquals((await Array.fromAsync(Deno.readDir(outside))).length, 1);
  });
});

Deno.test("A real Dir is not fooled by a sibling whose name starts like its own", async () => {
  await withRealDir(async (dir) => {
    await Deno.symlink("../in-between/secret.txt", `${dir.path}/near.txt`);
    await assertDirError("outside", () => dir.readText("near.txt"));
  });
});

Deno.test("A real Dir without the permission says so", { permissions: { read: false } }, () => {
  try {
    denoDir("/");
  } catch (error) {
    assertEquals(error instanceof DirError && error.code, "permission-denied");
    return;
  }
  throw new Error("the directory was opened");
});
