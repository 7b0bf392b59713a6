import type { Switch } from "../switch/mod.ts";
import { closeWith } from "./close_with.ts";
import { toDirError } from "./deno_dir_error.ts";
import { DirChanges } from "./dir_changes.ts";
import { DenoFile } from "./deno_file.ts";
import {
  type Dir,
  type DirEntry,
  DirError,
  type DirWatcher,
  type FileInfo,
  type FileSink,
  type FileSource,
  type MakeDirOptions,
  type OpenWriteOptions,
  type RemoveOptions,
  type StatOptions,
} from "./dir.ts";
import { dirRefusal } from "./dir_refusal.ts";
import { outside, partsBelow } from "./inside.ts";

/**
 * The files below `path`, a directory that exists. Each use follows the links first and then works
 * on what they led to, so a link out of the directory is refused. That holds against wrong paths;
 * against another process that swaps files for links meanwhile, only the platform's permissions do.
 */
export function denoDir(path: string): Dir {
  try {
    // The root is no link, and to look may not be permitted where what is below is.
    return new DenoDir(path === "/" ? path : Deno.realPathSync(path));
  } catch (error) {
    throw toDirError("open", path, error);
  }
}

class DenoDir implements Dir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  resolve(path: string): Promise<string> {
    return guard("open", path, () => this.#real(path));
  }

  list(path: string = "."): Promise<DirEntry[]> {
    return guard("list", path, async () => {
      const entries = await Array.fromAsync(Deno.readDir(await this.#real(path)), toDirEntry);
      return entries.sort((a, b) => a.name < b.name ? -1 : 1);
    });
  }

  readText(path: string): Promise<string> {
    return guard("read", path, async () => await Deno.readTextFile(await this.#real(path)));
  }

  writeText(path: string, text: string): Promise<void> {
    return guard("write", path, async () => Deno.writeTextFile(await this.#target(path), text));
  }

  openRead(sw: Switch, path: string): Promise<FileSource> {
    return guard("read", path, async () => {
      const real = await this.#real(path);
      if ((await Deno.stat(real)).isDirectory) throw dirRefusal("is-a-directory", "read", path);
      return await open(sw, path, real, { read: true });
    });
  }

  openWrite(sw: Switch, path: string, options: OpenWriteOptions = {}): Promise<FileSink> {
    const { create = "or-truncate", append = false } = options;
    return guard("write", path, async () => {
      const file = await open(sw, path, await this.#target(path), {
        write: true,
        append,
        create: create === "if-missing" || create === "or-truncate",
        createNew: create === "exclusive",
      });
      if (create === "or-truncate") await file.empty(); // to open refuses this together with append
      return file;
    });
  }

  stat(path: string, { followLink = true }: StatOptions = {}): Promise<FileInfo> {
    return guard("look at", path, async () =>
      toFileInfo(
        followLink
          ? await Deno.stat(await this.#real(path))
          : await Deno.lstat(await this.#place(path)),
      ));
  }

  makeDir(path: string, { parents = false }: MakeDirOptions = {}): Promise<void> {
    return guard("make", path, async () => {
      if (!parents) return await Deno.mkdir(await this.#place(path));
      const parts = partsBelow(this.path, path);
      for (let i = 1; i <= parts.length; i++) await this.#ensureDir(parts.slice(0, i).join("/"));
    });
  }

  remove(path: string, { recursive = false }: RemoveOptions = {}): Promise<void> {
    return guard(
      "remove",
      path,
      async () => await Deno.remove(await this.#entry(path), { recursive }),
    );
  }

  rename(from: string, to: string): Promise<void> {
    return guard(
      "rename",
      from,
      async () => await Deno.rename(await this.#entry(from), await this.#entry(to)),
    );
  }

  symlink(target: string, path: string): Promise<void> {
    return guard("link", path, async () => await Deno.symlink(target, await this.#entry(path)));
  }

  watch(sw: Switch): DirWatcher {
    sw.check();
    const changes = new DirChanges(sw);
    const events = Deno.watchFs(this.path, { recursive: true });
    const ended = this.#follow(events, changes);
    sw.onRelease(() => {
      events.close();
      return ended;
    });
    return changes;
  }

  async subtree(path: string): Promise<Dir> {
    const target = await this.resolve(path);
    const { isDirectory } = await guard("open", path, () => Deno.stat(target));
    if (!isDirectory) throw dirRefusal("not-a-directory", "open", path);
    return new DenoDir(target);
  }

  async tempDir(sw: Switch): Promise<Dir> {
    sw.check();
    const path = await guard(
      "make a directory in",
      ".",
      () => Deno.makeTempDir({ dir: this.path }),
    );
    sw.onRelease(() => removeIfThere(path));
    return new DenoDir(path);
  }

  async #follow(events: Deno.FsWatcher, changes: DirChanges): Promise<void> {
    for await (const { kind, paths } of events) {
      if (kind === "access") continue; // also of our own reading
      for (const path of paths) changes.add(path.slice(this.path.length + 1));
    }
  }

  /** Where `path` really is; it must be there. */
  async #real(path: string): Promise<string> {
    const parts = partsBelow(this.path, path);
    try {
      return this.#inside(path, await Deno.realPath(this.#join(parts)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) await this.#checkAncestor(path, parts);
      throw error;
    }
  }

  /** Refuses a path that leaves the directory before it misses: what is outside is not told. */
  async #checkAncestor(path: string, parts: readonly string[]): Promise<void> {
    for (let end = parts.length - 1; end > 0; end--) {
      const real = await Deno.realPath(this.#join(parts.slice(0, end))).catch(ignoreNotFound);
      if (real !== undefined) return void this.#inside(path, real);
    }
  }

  /** Where a write to `path` would really go; the file itself need not be there yet. */
  async #target(path: string): Promise<string> {
    const target = await this.#entry(path);
    return await isLink(target) ? await this.#linked(path) : target;
  }

  /** What the link at `path` leads to; refused where that is not there, as it could be anywhere. */
  #linked(path: string): Promise<string> {
    return this.#real(path).catch((cause) => {
      throw cause instanceof Deno.errors.NotFound ? outside(this.path, path) : cause;
    });
  }

  /** Where the entry `path` is, be it a link itself; its directory must be there. */
  async #entry(path: string): Promise<string> {
    const parts = partsBelow(this.path, path);
    const name = parts.pop();
    if (name === undefined) throw dirRefusal("is-a-directory", "change", path);
    return `${await this.#real(parts.join("/"))}/${name}`;
  }

  /** As `#entry`; the directory itself is one too. */
  async #place(path: string): Promise<string> {
    return partsBelow(this.path, path).length === 0 ? this.path : await this.#entry(path);
  }

  async #ensureDir(path: string): Promise<void> {
    try {
      await Deno.mkdir(await this.#place(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      if (!(await Deno.stat(await this.#real(path))).isDirectory) throw error;
    }
  }

  #join(parts: readonly string[]): string {
    return [this.path === "/" ? "" : this.path, ...parts].join("/") || "/";
  }

  #inside(path: string, real: string): string {
    const root = this.path.endsWith("/") ? this.path : `${this.path}/`;
    if (real !== this.path && !real.startsWith(root)) throw outside(this.path, path);
    return real;
  }
}

/** Opens the file at `real`, which the user called `path`. */
async function open(
  sw: Switch,
  path: string,
  real: string,
  options: Deno.OpenOptions,
): Promise<DenoFile> {
  sw.check();
  const file = new DenoFile(await Deno.open(real, options), path);
  try {
    sw.check();
    return closeWith(sw, file);
  } catch (error) {
    file.close();
    throw error;
  }
}

function toDirEntry({ name, isFile, isDirectory }: Deno.DirEntry): DirEntry {
  return { name, isFile, isDirectory };
}

function toFileInfo({ isFile, isDirectory, isSymlink, size, mtime }: Deno.FileInfo): FileInfo {
  const kind = isFile ? "file" : isDirectory ? "directory" : isSymlink ? "link" : "other";
  return { kind, size: isFile ? size : 0, modifiedAt: mtime?.getTime() };
}

async function isLink(path: string): Promise<boolean> {
  return (await Deno.lstat(path).catch(ignoreNotFound))?.isSymlink ?? false;
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(ignoreNotFound);
}

function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function guard<T>(doing: string, path: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    throw error instanceof DirError ? error : toDirError(doing, path, error);
  }
}
