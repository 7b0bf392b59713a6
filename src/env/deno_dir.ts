import { type Dir, type DirEntry, DirError, type DirErrorCode } from "./dir.ts";
import { outside, partsBelow } from "./inside.ts";

/**
 * The files below `path`, a directory that exists. Each use follows the links first and then works
 * on what they led to, so a link out of the directory is refused. That holds against wrong paths;
 * against another process that swaps files for links meanwhile, only the platform's permissions do.
 */
export function denoDir(path: string): Dir {
  return new DenoDir(guard(path, () => Deno.realPathSync(path)));
}

class DenoDir implements Dir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  resolve(path: string): Promise<string> {
    return guardAsync(path, async () => this.#inside(path, await Deno.realPath(this.#join(path))));
  }

  list(path: string = "."): Promise<DirEntry[]> {
    return guardAsync(path, async () => {
      const entries = await Array.fromAsync(Deno.readDir(await this.resolve(path)), toDirEntry);
      return entries.sort((a, b) => a.name < b.name ? -1 : 1);
    });
  }

  readText(path: string): Promise<string> {
    return guardAsync(path, async () => await Deno.readTextFile(await this.resolve(path)));
  }

  writeText(path: string, text: string): Promise<void> {
    return guardAsync(path, async () => Deno.writeTextFile(await this.#target(path), text));
  }

  async subtree(path: string): Promise<Dir> {
    const target = await this.resolve(path);
    const { isDirectory } = await guardAsync(path, () => Deno.stat(target));
    if (!isDirectory) throw notADirectory(path);
    return new DenoDir(target);
  }

  /** Where a write to `path` would really go; the file itself need not be there yet. */
  async #target(path: string): Promise<string> {
    const parts = partsBelow(this.path, path);
    const name = parts.pop();
    if (name === undefined) {
      throw new DirError("other", `Cannot write "${path}": it is a directory`);
    }
    const target = `${await this.resolve(parts.join("/"))}/${name}`;
    return await isLink(target) ? await this.#linked(path) : target;
  }

  /** What the link at `path` leads to; refused where that is not there, as it could be anywhere. */
  #linked(path: string): Promise<string> {
    return this.resolve(path).catch((cause) => {
      throw cause.code === "not-found" ? outside(this.path, path) : cause;
    });
  }

  #join(path: string): string {
    return [this.path, ...partsBelow(this.path, path)].join("/");
  }

  #inside(path: string, real: string): string {
    const root = this.path.endsWith("/") ? this.path : `${this.path}/`;
    if (real !== this.path && !real.startsWith(root)) throw outside(this.path, path);
    return real;
  }
}

function toDirEntry({ name, isFile, isDirectory }: Deno.DirEntry): DirEntry {
  return { name, isFile, isDirectory };
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function guard<T>(path: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw toDirError(path, error);
  }
}

async function guardAsync<T>(path: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    throw toDirError(path, error);
  }
}

function toDirError(path: string, cause: unknown): unknown {
  if (cause instanceof DirError || !(cause instanceof Error)) return cause;
  const code = codeOf(cause);
  return new DirError(code, `Cannot open ${JSON.stringify(path)}: ${SAYS[code]}`, { cause });
}

function codeOf(error: Error): DirErrorCode {
  if (error instanceof Deno.errors.NotFound) return "not-found";
  if (error instanceof Deno.errors.NotADirectory) return "not-a-directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission-denied";
  if (error instanceof Deno.errors.NotCapable) return "permission-denied";
  return "other";
}

function notADirectory(path: string): DirError {
  return new DirError("not-a-directory", `Cannot open "${path}": ${SAYS["not-a-directory"]}`);
}

const SAYS: Readonly<Record<DirErrorCode, string>> = {
  "not-found": "there is no such file or directory",
  "outside": "it leads out of the directory",
  "permission-denied": "the permission is missing",
  "not-a-directory": "it is not a directory",
  "other": "the platform refused",
};
