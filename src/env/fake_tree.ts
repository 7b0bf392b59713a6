import type { DirErrorCode } from "./dir.ts";

/** What is at a path of a {@linkcode FakeTree}. */
export type FakeNode = FakeFile | FakeFolder | FakeLink;

export interface FakeFile {
  readonly kind: "file";
  bytes: Uint8Array;
}

export interface FakeFolder {
  readonly kind: "directory";
  readonly entries: Map<string, FakeNode>;
}

export interface FakeLink {
  readonly kind: "link";
  readonly target: string;
}

/** Where a path leads: to a node, or to a name in a folder that has none. */
export interface FakePlace {
  /** The real path, from the root of the tree. */
  readonly parts: readonly string[];
  readonly node: FakeNode | undefined;
  /** The folder that has it; the root of the tree is in none. */
  readonly folder: FakeFolder | undefined;
  /** Whether the last part was a link that was followed. */
  readonly isLinked: boolean;
}

/** More links than that on one way are taken for a circle, as Linux does. */
const MAX_LINKS = 40;

/** Thrown by a walk; the directory makes a sentence of it. */
export class FakeTreeFault {
  readonly code: DirErrorCode;

  constructor(code: DirErrorCode) {
    this.code = code;
  }
}

/** Folders, files and links in memory, below a root that has a path. */
export class FakeTree {
  readonly path: string;
  readonly root: FakeFolder = { kind: "directory", entries: new Map() };

  /** Told of each change, with its path from the root of the tree. */
  readonly watchers: Set<(parts: readonly string[]) => void> = new Set();

  constructor(path: string) {
    this.path = path;
  }

  /** Tells of a change. */
  changed(parts: readonly string[]): void {
    for (const watcher of this.watchers) watcher(parts);
  }

  /** Where `parts` lead, links followed, the last one only if asked. */
  walk(parts: readonly string[], followLast: boolean = true): FakePlace {
    return new Walk(this, parts, followLast).run();
  }
}

/** A way through a tree. */
class Walk {
  readonly #tree: FakeTree;
  readonly #followLast: boolean;
  #ahead: string[];
  #folders: FakeFolder[]; // from the root to where we are
  #names: string[] = []; // of all but the root
  #links = 0;
  #isLinked = false;

  constructor(tree: FakeTree, parts: readonly string[], followLast: boolean) {
    this.#tree = tree;
    this.#followLast = followLast;
    this.#ahead = [...parts];
    this.#folders = [tree.root];
  }

  run(): FakePlace {
    for (let name = this.#ahead.shift(); name !== undefined; name = this.#ahead.shift()) {
      const place = name === ".." ? this.#goUp() : this.#goInto(name);
      if (place !== undefined) return place;
    }
    return this.#place(this.#names, this.#folders.at(-2), this.#folders.at(-1));
  }

  #goUp(): undefined {
    if (this.#names.pop() === undefined) throw new FakeTreeFault("outside");
    this.#folders.pop();
  }

  /** The place, where the way ends there. */
  #goInto(name: string): FakePlace | undefined {
    const folder = this.#folders.at(-1)!;
    const node = folder.entries.get(name);
    const isLast = this.#ahead.length === 0;
    if (node?.kind === "link" && (this.#followLast || !isLast)) return this.#follow(node, isLast);
    if (isLast) return this.#place([...this.#names, name], folder, node);
    if (node === undefined) throw new FakeTreeFault("not-found");
    if (node.kind !== "directory") throw new FakeTreeFault("not-a-directory");
    this.#folders.push(node);
    this.#names.push(name);
    return undefined;
  }

  #follow({ target }: FakeLink, isLast: boolean): undefined {
    if (++this.#links > MAX_LINKS) throw new FakeTreeFault("other");
    if (target.startsWith("/")) [this.#folders, this.#names] = [[this.#tree.root], []];
    this.#ahead.unshift(...this.#partsOf(target));
    this.#isLinked ||= isLast;
  }

  #partsOf(target: string): string[] {
    const { path } = this.#tree;
    const isInside = target === path || target.startsWith(`${path}/`);
    if (target.startsWith("/") && !isInside) throw new FakeTreeFault("outside");
    const relative = isInside ? target.slice(path.length) : target;
    return relative.split("/").filter((part) => part !== "" && part !== ".");
  }

  #place(
    parts: readonly string[],
    folder: FakeFolder | undefined,
    node: FakeNode | undefined,
  ): FakePlace {
    return { parts, folder, node, isLinked: this.#isLinked };
  }
}
