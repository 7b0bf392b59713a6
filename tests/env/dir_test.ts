import { assertEquals, assertRejects } from "@std/assert";
import {
  byteSource,
  copy,
  type Dir,
  DirError,
  type DirErrorCode,
  fakeDir,
  type FileSource,
} from "../../src/env/mod.ts";
import { denoDir } from "../../src/env/deno_dir.ts";
import { Switch } from "../../src/switch/mod.ts";

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
    await assertDirError("outside", () => dir.stat(path));
    await assertDirError("outside", () => dir.makeDir(path));
    await assertDirError("outside", () => dir.remove(path));
    await assertDirError("outside", () => dir.rename("top.txt", path));
    await assertDirError("outside", () => dir.rename(path, "new.txt"));
    await assertDirError("outside", () => dir.symlink("top.txt", path));
    await Switch.run(async (sw) => {
      await assertDirError("outside", () => dir.openRead(sw, path));
      await assertDirError("outside", () => dir.openWrite(sw, path));
    });
  }
});

law("says what is not there and what is no directory", async (dir) => {
  await assertDirError("not-found", () => dir.readText("none.txt"));
  await assertDirError("not-found", () => dir.writeText("none/a.txt", ""));
  await assertDirError("not-a-directory", () => dir.list("top.txt"));
  await assertDirError("not-a-directory", () => dir.subtree("top.txt"));
  await assertDirError("is-a-directory", () => dir.readText("jobs"));
  await assertDirError("is-a-directory", () => dir.writeText("jobs", ""));
  await assertDirError("is-a-directory", () => dir.writeText(".", ""));
});

law("gives away a part of itself, alone", async (dir) => {
  const jobs = await dir.subtree("jobs");
  assertEquals(jobs.path, `${dir.path}/jobs`);
  assertEquals(await jobs.resolve("deep/a.txt"), `${dir.path}/jobs/deep/a.txt`);
  assertEquals(await (await jobs.subtree("deep")).readText("a.txt"), "a");
  assertEquals(await (await jobs.subtree(".")).readText("fib.ts"), "fib");
  await assertDirError("outside", () => jobs.readText("../top.txt"));
});

law("follows a link that stays below it", async (dir) => {
  await dir.symlink("jobs/fib.ts", "near.ts");
  await dir.symlink("../../top.txt", "jobs/deep/up.txt");
  await dir.symlink(`${dir.path}/jobs`, "absolute");
  assertEquals(await dir.readText("near.ts"), "fib");
  assertEquals(await dir.readText("absolute/deep/up.txt"), "top");
  assertEquals(await dir.resolve("absolute/fib.ts"), `${dir.path}/jobs/fib.ts`);
  await dir.writeText("near.ts", "new");
  assertEquals(await dir.readText("jobs/fib.ts"), "new");
  assertEquals((await dir.list()).find(({ name }) => name === "near.ts"), {
    name: "near.ts",
    isFile: false,
    isDirectory: false,
  });
});

law("refuses a link that leads out, for whatever use", async (dir) => {
  await dir.symlink("/usr", "out");
  await dir.symlink("../..", "up");
  await dir.symlink("/usr/none.txt", "dangling.txt");
  for (const path of ["out", "out/bin", "out/none", "up", "up/none"]) {
    await assertDirError("outside", () => dir.resolve(path));
    await assertDirError("outside", () => dir.list(path));
    await assertDirError("outside", () => dir.stat(path));
  }
  for (const path of ["out/new.txt", "up/new.txt", "dangling.txt"]) {
    await assertDirError("outside", () => dir.writeText(path, "over"));
    await assertDirError("outside", () => Switch.run((sw) => dir.openWrite(sw, path)));
  }
  await assertDirError("outside", () => dir.makeDir("up/new"));
  await assertDirError("outside", () => dir.makeDir("up/new/deep", { parents: true }));
  await assertDirError("outside", () => dir.remove("up/new"));
  await assertDirError("outside", () => dir.rename("top.txt", "up/top.txt"));
  await assertDirError("outside", () => dir.symlink("x", "up/x"));
});

law("confines a part of itself to that part", async (dir) => {
  const jobs = await dir.subtree("jobs");
  await jobs.symlink("../top.txt", "up.txt");
  await assertDirError("outside", () => jobs.readText("up.txt"));
  assertEquals(await dir.readText("jobs/up.txt"), "top");
});

law("gives up on links in a circle", async (dir) => {
  await dir.symlink("b", "a");
  await dir.symlink("a", "b");
  await assertDirError("other", () => dir.readText("a"));
});

law("removes a link and not what it leads to", async (dir) => {
  await dir.symlink("jobs", "inner");
  await dir.symlink("/usr", "out");
  await dir.remove("inner");
  await dir.remove("out", { recursive: true });
  assertEquals((await dir.list()).map(({ name }) => name), ["jobs", "top.txt"]);
  assertEquals(await dir.readText("jobs/fib.ts"), "fib");
});

law("removes files, and directories that are empty or with all that is in them", async (dir) => {
  await dir.remove("top.txt");
  await assertDirError("not-found", () => dir.remove("top.txt"));
  await assertDirError("not-empty", () => dir.remove("jobs"));
  await dir.remove("jobs/deep/a.txt");
  await dir.remove("jobs/deep");
  await dir.remove("jobs", { recursive: true });
  assertEquals(await dir.list(), []);
  await assertDirError("is-a-directory", () => dir.remove("."));
});

law("makes directories", async (dir) => {
  await dir.makeDir("new");
  assertEquals(await dir.list("new"), []);
  await assertDirError("already-exists", () => dir.makeDir("new"));
  await assertDirError("not-found", () => dir.makeDir("x/y"));
  await dir.makeDir("x/y/z", { parents: true });
  await dir.makeDir("x/y/z", { parents: true });
  assertEquals((await dir.stat("x/y/z")).kind, "directory");
  await assertDirError("already-exists", () => dir.makeDir("top.txt", { parents: true }));
});

law("renames files, directories and links themselves", async (dir) => {
  await dir.rename("top.txt", "jobs/deep/low.txt");
  assertEquals(await dir.readText("jobs/deep/low.txt"), "top");
  await assertDirError("not-found", () => dir.readText("top.txt"));
  await dir.rename("jobs/deep", "deep");
  assertEquals((await dir.list("deep")).map(({ name }) => name), ["a.txt", "low.txt"]);
  await dir.rename("deep/a.txt", "deep/low.txt");
  assertEquals(await dir.readText("deep/low.txt"), "a");
  await dir.symlink("/usr", "link");
  await dir.rename("link", "moved");
  assertEquals((await dir.stat("moved", { followLink: false })).kind, "link");
  await dir.makeDir("empty");
  await dir.rename("jobs", "empty");
  assertEquals(await dir.readText("empty/fib.ts"), "fib");
  await assertDirError("not-found", () => dir.rename("none", "some"));
  await assertDirError("is-a-directory", () => dir.rename("deep/low.txt", "empty"));
  await assertDirError("not-empty", () => dir.rename("deep", "empty"));
  await assertDirError("not-a-directory", () => dir.rename("empty", "deep/low.txt"));
});

law("tells what there is", async (dir) => {
  await dir.symlink("top.txt", "link");
  const look = async (path: string, followLink?: boolean) => {
    const { kind, size } = await dir.stat(path, followLink === undefined ? {} : { followLink });
    return [kind, size];
  };
  assertEquals(await look("top.txt"), ["file", 3]);
  assertEquals(await look("link"), ["file", 3]);
  assertEquals(await look("link", false), ["link", 0]);
  assertEquals(await look("jobs"), ["directory", 0]);
  assertEquals(await look("."), ["directory", 0]);
  assertEquals(await look(".", false), ["directory", 0]);
  await assertDirError("not-found", () => dir.stat("none"));
});

async function readAll(source: FileSource): Promise<string> {
  const buffer = new Uint8Array(2);
  let text = "";
  for (let count; (count = await source.read(buffer)) !== null;) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

law("reads a file piece by piece", async (dir) => {
  await Switch.run(async (sw) => {
    assertEquals(await readAll(await dir.openRead(sw, "jobs/fib.ts")), "fib");
    await assertDirError("not-found", () => dir.openRead(sw, "none"));
    await assertDirError("is-a-directory", () => dir.openRead(sw, "jobs"));
  });
});

law("writes a file piece by piece, made or kept as told", async (dir) => {
  await Switch.run(async (sw) => {
    const write = async (path: string, text: string, options = {}) => {
      using file = await dir.openWrite(sw, path, options);
      await copy(byteSource(text), file);
      return await dir.readText(path);
    };
    assertEquals(await write("new.txt", "hello"), "hello");
    assertEquals(await write("new.txt", "bye"), "bye");
    assertEquals(await write("new.txt", "B", { create: "never" }), "Bye");
    assertEquals(await write("new.txt", "G", { create: "if-missing" }), "Gye");
    assertEquals(await write("new.txt", "!", { create: "never", append: true }), "Gye!");
    assertEquals(await write("new.txt", "over", { append: true }), "over");
    assertEquals(await write("other.txt", "a", { create: "exclusive" }), "a");
    await assertDirError("already-exists", () => write("other.txt", "", { create: "exclusive" }));
    await assertDirError("not-found", () => write("none.txt", "", { create: "never" }));
    await assertDirError("not-found", () => write("none/a.txt", ""));
    await assertDirError("is-a-directory", () => write("jobs", "", { create: "if-missing" }));
    assertEquals(await dir.readText("other.txt"), "a");
  });
});

law("closes a file by hand or with its switch", async (dir) => {
  await Switch.run(async (sw) => {
    const file = await dir.openRead(sw, "top.txt");
    assertEquals(sw.inspect().releases, 1);
    file.close();
    file.close();
    assertEquals(sw.inspect().releases, 0);
    await assertDirError("closed", () => file.read(new Uint8Array(1)));
    const sink = await sw.run((inner) => dir.openWrite(inner, "top.txt"));
    await assertDirError("closed", () => sink.write(new Uint8Array(1)));
  });
});

law("opens nothing in a cancelled switch", async (dir) => {
  const running = Switch.run(async (sw) => {
    sw.fail(new Error("over"));
    await dir.openWrite(sw, "new.txt");
  });
  await assertRejects(() => running, Error, "over");
});

law("gives away a new directory that goes with its switch", async (dir) => {
  const before = await dir.list();
  const temp = await Switch.run(async (sw) => {
    const [one, two] = [await dir.tempDir(sw), await dir.tempDir(sw)];
    await one.writeText("a.txt", "one");
    await two.makeDir("deep/er", { parents: true });
    assertEquals(await two.list(), [{ name: "deep", isFile: false, isDirectory: true }]);
    assertEquals((await dir.list()).length, before.length + 2);
    await assertDirError("outside", () => one.readText("../top.txt"));
    return one;
  });
  assertEquals(await dir.list(), before);
  await assertDirError("not-found", () => temp.readText("a.txt"));
});

law("is not upset by a temporary directory that was removed by hand", async (dir) => {
  await Switch.run(async (sw) => {
    const temp = await dir.tempDir(sw);
    await dir.remove(temp.path.slice(dir.path.length + 1), { recursive: true });
  });
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
    denoDir("/etc");
  } catch (error) {
    assertEquals(error instanceof DirError && error.code, "permission-denied");
    return;
  }
  throw new Error("the directory was opened");
});
