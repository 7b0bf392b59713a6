/** The folder of the lane's own program: what that imports was named by the pool. */
const RUNTIME = new URL("./", import.meta.url).href;

/** The folder of this program; of a compiled one, all that is in the binary. */
const PROGRAM = new URL("../../", import.meta.url).href;

// Taken before any job's code is here, which could put another in its place.
const query = Deno.permissions.querySync.bind(Deno.permissions);

/**
 * Whether a module may import a file: one of the program, or one that this lane may read. A compiled program
 * imports files that are not in the binary without asking for permission.
 */
export function isImportable(url: string, parent = ""): boolean {
  if (url.startsWith(PROGRAM) || parent.startsWith(RUNTIME)) return true;
  return query({ name: "read", path: new URL(url) }).state === "granted";
}
