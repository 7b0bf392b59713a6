import { type Dir, type DirEntry, DirError, type DirErrorCode } from "./dir.ts";
import { partsBelow } from "./inside.ts";

/** The files below a directory that exists in memory alone: paths and their texts. */
export function fakeDir(files: Readonly<Record<string, string>> = {}, path: string = "/fake"): Dir {
  const texts = Object.entries(files).map(([name, text]) => [keyOf(path, name), text] as const);
  return new FakeDir(path, "", new Map(texts));
}

class FakeDir implements Dir {
  readonly path: string;
  readonly #prefix: string; // "" or "folder/"
  readonly #texts: Map<string, string>; // by path below the root, shared with the subtrees

  constructor(path: string, prefix: string, texts: Map<string, string>) {
    this.path = path;
    this.#prefix = prefix;
    this.#texts = texts;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async resolve(path: string): Promise<string> {
    const key = this.#key(path);
    if (!this.#texts.has(key) && !this.#isDirectory(key)) throw cannotOpen(path, "not-found");
    return [this.path, ...partsBelow(this.path, path)].join("/");
  }

  async list(path: string = "."): Promise<DirEntry[]> {
    const key = await this.#directory(path);
    const prefix = key === "" ? "" : `${key}/`;
    const names = [...this.#texts.keys()].filter((text) => text.startsWith(prefix))
      .map((text) => text.slice(prefix.length).split("/")[0]!);
    return [...new Set(names)].sort().map((name) => {
      const isFile = this.#texts.has(prefix + name);
      return { name, isFile, isDirectory: !isFile };
    });
  }

  async readText(path: string): Promise<string> {
    await this.resolve(path);
    const text = this.#texts.get(this.#key(path));
    if (text === undefined) throw cannotOpen(path, "other");
    return text;
  }

  async writeText(path: string, text: string): Promise<void> {
    const parts = partsBelow(this.path, path);
    await this.#directory(parts.slice(0, -1).join("/"));
    const key = this.#key(path);
    if (this.#isDirectory(key)) throw cannotOpen(path, "other");
    this.#texts.set(key, text);
  }

  async subtree(path: string): Promise<Dir> {
    const key = await this.#directory(path);
    return new FakeDir(await this.resolve(path), key === "" ? "" : `${key}/`, this.#texts);
  }

  async #directory(path: string): Promise<string> {
    await this.resolve(path);
    const key = this.#key(path);
    if (!this.#isDirectory(key)) throw cannotOpen(path, "not-a-directory");
    return key;
  }

  #isDirectory(key: string): boolean {
    return key === "" || this.#texts.keys().some((text) => text.startsWith(`${key}/`));
  }

  #key(path: string): string {
    return (this.#prefix + keyOf(this.path, path)).replace(/\/$/, "");
  }
}

function keyOf(root: string, path: string): string {
  return partsBelow(root, path).join("/");
}

function cannotOpen(path: string, code: DirErrorCode): DirError {
  return new DirError(code, `Cannot open ${JSON.stringify(path)}: ${code.replaceAll("-", " ")}`);
}
