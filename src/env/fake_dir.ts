import type { Switch } from "../switch/mod.ts";
import { closeWith } from "./close_with.ts";
import type {
  Dir,
  DirEntry,
  DirErrorCode,
  DirWatcher,
  FileInfo,
  FileSink,
  FileSource,
  MakeDirOptions,
  OpenWriteOptions,
  RemoveOptions,
  StatOptions,
} from "./dir.ts";
import { dirRefusal } from "./dir_refusal.ts";
import { DirChanges } from "./dir_changes.ts";
import { OpenFakeFile } from "./fake_file.ts";
import {
  type FakeFile,
  type FakeFolder,
  type FakeNode,
  type FakePlace,
  FakeTree,
  FakeTreeFault,
} from "./fake_tree.ts";
import { outside, partsBelow } from "./inside.ts";

/** The files below a directory that exists in memory alone: paths and their texts. */
export function fakeDir(files: Readonly<Record<string, string>> = {}, path: string = "/fake"): Dir {
  const tree = new FakeTree(path);
  for (const [name, text] of Object.entries(files)) plant(tree.root, partsBelow(path, name), text);
  return new FakeDir(tree, []);
}

class FakeDir implements Dir {
  readonly path: string;
  readonly #tree: FakeTree; // shared with the subtrees
  readonly #base: readonly string[]; // where in it this directory is

  constructor(tree: FakeTree, base: readonly string[]) {
    this.path = [tree.path, ...base].join("/");
    this.#tree = tree;
    this.#base = base;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async resolve(path: string): Promise<string> {
    this.#node("open", path);
    return [this.#tree.path, ...this.#walk("open", path).parts].join("/");
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async list(path: string = "."): Promise<DirEntry[]> {
    const node = this.#node("list", path);
    if (node.kind !== "directory") throw dirRefusal("not-a-directory", "list", path);
    return [...node.entries].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { kind }]) => ({
      name,
      isFile: kind === "file",
      isDirectory: kind === "directory",
    }));
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(this.#file("read", path).bytes);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async writeText(path: string, text: string): Promise<void> {
    this.#open(path, "or-truncate").bytes = new TextEncoder().encode(text);
    this.#tree.changed(this.#walk("write", path).parts);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async openRead(sw: Switch, path: string): Promise<FileSource> {
    sw.check();
    return closeWith(sw, new OpenFakeFile(this.#file("read", path), path, false));
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async openWrite(sw: Switch, path: string, options: OpenWriteOptions = {}): Promise<FileSink> {
    const { create = "or-truncate", append = false } = options;
    sw.check();
    return closeWith(sw, new OpenFakeFile(this.#open(path, create), path, append));
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async stat(path: string, { followLink = true }: StatOptions = {}): Promise<FileInfo> {
    const node = this.#node("look at", path, followLink);
    const size = node.kind === "file" ? node.bytes.length : 0;
    return { kind: node.kind, size, modifiedAt: undefined };
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async makeDir(path: string, { parents = false }: MakeDirOptions = {}): Promise<void> {
    const parts = partsBelow(this.path, path);
    for (let i = 1; parents && i < parts.length; i++) {
      this.#makeDir(parts.slice(0, i).join("/"), parents);
    }
    this.#makeDir(path, parents);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async remove(path: string, { recursive = false }: RemoveOptions = {}): Promise<void> {
    const { folder, name, node } = this.#entry("remove", path);
    if (node === undefined) throw dirRefusal("not-found", "remove", path);
    if (node.kind === "directory" && node.entries.size > 0 && !recursive) {
      throw dirRefusal("not-empty", "remove", path);
    }
    folder.entries.delete(name);
    this.#tree.changed(this.#walk("remove", path, false).parts);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async rename(from: string, to: string): Promise<void> {
    const source = this.#entry("rename", from);
    const target = this.#entry("rename", to);
    if (source.node === undefined) throw dirRefusal("not-found", "rename", from);
    const why = whyNotReplaced(source.node, target.node);
    if (why !== undefined) throw dirRefusal(why, "rename", from);
    source.folder.entries.delete(source.name);
    target.folder.entries.set(target.name, source.node);
    for (const path of [from, to]) this.#tree.changed(this.#walk("rename", path, false).parts);
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async symlink(target: string, path: string): Promise<void> {
    const { folder, name, node } = this.#entry("link", path);
    if (node !== undefined) throw dirRefusal("already-exists", "link", path);
    folder.entries.set(name, { kind: "link", target });
  }

  watch(sw: Switch): DirWatcher {
    sw.check();
    const changes = new DirChanges(sw);
    const watcher = (parts: readonly string[]) => {
      if (this.#base.every((part, i) => part === parts[i])) {
        changes.add(parts.slice(this.#base.length).join("/"));
      }
    };
    this.#tree.watchers.add(watcher);
    sw.onRelease(() => void this.#tree.watchers.delete(watcher));
    return changes;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async subtree(path: string): Promise<Dir> {
    const { kind } = this.#node("open", path);
    if (kind !== "directory") throw dirRefusal("not-a-directory", "open", path);
    return new FakeDir(this.#tree, this.#walk("open", path).parts);
  }

  async tempDir(sw: Switch): Promise<Dir> {
    sw.check();
    let number = 1;
    while (this.#walk("open", `temp-${number}`).node !== undefined) number++;
    const name = `temp-${number}`;
    await this.makeDir(name);
    const { folder } = this.#entry("remove", name);
    sw.onRelease(() => folder.entries.delete(name));
    return await this.subtree(name);
  }

  #makeDir(path: string, isContent: boolean): void {
    const { folder, parts, node } = this.#walk("make", path, isContent);
    if (isContent && node?.kind === "directory") return;
    if (node !== undefined || folder === undefined) {
      throw dirRefusal("already-exists", "make", path);
    }
    folder.entries.set(parts.at(-1)!, { kind: "directory", entries: new Map() });
  }

  /** The file to write to, made or emptied as `create` says. */
  #open(path: string, create: NonNullable<OpenWriteOptions["create"]>): FakeFile {
    const { folder, parts, node, isLinked } = this.#walk("write", path);
    if (node?.kind === "directory") throw dirRefusal("is-a-directory", "write", path);
    if (create === "exclusive" && node !== undefined) {
      throw dirRefusal("already-exists", "write", path);
    }
    if (node?.kind === "file") {
      if (create === "or-truncate") node.bytes = new Uint8Array(0);
      return node;
    }
    if (isLinked) throw outside(this.path, path);
    if (create === "never") throw dirRefusal("not-found", "write", path);
    const file: FakeFile = { kind: "file", bytes: new Uint8Array(0) };
    folder!.entries.set(parts.at(-1)!, file); // what is not there is in some folder
    return file;
  }

  #file(doing: string, path: string): FakeFile {
    const node = this.#node(doing, path);
    if (node.kind !== "file") throw dirRefusal("is-a-directory", doing, path);
    return node;
  }

  #node(doing: string, path: string, followLast = true): FakeNode {
    const { node } = this.#walk(doing, path, followLast);
    if (node === undefined) throw dirRefusal("not-found", doing, path);
    return node;
  }

  /** The entry `path`, be it a link itself, and the folder that it is in, or could be. */
  #entry(doing: string, path: string) {
    const { folder, parts, node } = this.#walk(doing, path, false);
    if (parts.length <= this.#base.length || folder === undefined) {
      throw dirRefusal("is-a-directory", doing, path);
    }
    return { folder, name: parts.at(-1)!, node };
  }

  #walk(doing: string, path: string, followLast = true): FakePlace {
    const parts = partsBelow(this.path, path);
    try {
      const place = this.#tree.walk([...this.#base, ...parts], followLast);
      if (this.#base.every((part, i) => part === place.parts[i])) return place;
    } catch (fault) {
      if (!(fault instanceof FakeTreeFault)) throw fault;
      if (fault.code !== "outside") throw dirRefusal(fault.code, doing, path);
    }
    throw outside(this.path, path);
  }
}

/** As Linux has it: a directory replaces an empty one alone, and anything else no directory. */
function whyNotReplaced(node: FakeNode, old: FakeNode | undefined): DirErrorCode | undefined {
  if (node.kind !== "directory") return old?.kind === "directory" ? "is-a-directory" : undefined;
  if (old?.kind === "directory") return old.entries.size > 0 ? "not-empty" : undefined;
  return old === undefined ? undefined : "not-a-directory";
}

function plant(folder: FakeFolder, [name, ...rest]: readonly string[], text: string): void {
  if (name === undefined) throw new TypeError("Cannot make a fake directory: a file has no name");
  if (rest.length === 0) {
    folder.entries.set(name, { kind: "file", bytes: new TextEncoder().encode(text) });
    return;
  }
  const below = folder.entries.get(name) ?? { kind: "directory", entries: new Map() };
  if (below.kind !== "directory") {
    throw new TypeError(`Cannot make a file below the file "${name}"`);
  }
  folder.entries.set(name, below);
  plant(below, rest, text);
}
