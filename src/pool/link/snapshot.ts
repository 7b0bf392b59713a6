/**
 * The code of job files, as it was read. Lanes load what is in it and may read no file of the
 * folder: so a job has what it imports by name, and nothing that lies beside it.
 */
export interface Snapshot {
  /**
   * The text of modules by their {@linkcode sourceKey}: JavaScript, also where the file is
   * TypeScript, and data. Several versions of a file are told apart by the query of its URL.
   */
  readonly sources: ReadonlyMap<string, string>;

  /** Where imports lead: by the URL of the module, and then by the name that it uses. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Nothing was read. */
export const NO_CODE: Snapshot = { sources: new Map(), imports: new Map() };

/** The key of a source: a file may be imported as code and, by an attribute, as data. */
export function sourceKey(url: string, type?: string): string {
  return type === undefined ? url : `${url}#${type}`;
}

/** The URLs of the modules that are reached by imports from these, they among them. */
export function graphOf({ imports }: Snapshot, urls: readonly string[]): ReadonlySet<string> {
  const graph = new Set(urls);
  for (const url of graph) {
    for (const imported of imports.get(url)?.values() ?? []) graph.add(imported);
  }
  return graph;
}

/** What of snapshots is reached from these modules; of two that hold the same, the later counts. */
export function snapshotOf(snapshots: readonly Snapshot[], urls: readonly string[]): Snapshot {
  const sources = new Map(snapshots.flatMap((one) => [...one.sources]));
  const imports = new Map(snapshots.flatMap((one) => [...one.imports]));
  const graph = graphOf({ sources, imports }, urls);
  return {
    sources: new Map([...sources].filter(([key]) => graph.has(key.replace(/#.*/, "")))),
    imports: new Map([...imports].filter(([url]) => graph.has(url))),
  };
}
