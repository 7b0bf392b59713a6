/** The folder of this program; of a compiled one, all that is in the binary. */
const PROGRAM = new URL("../../", import.meta.url).href;

// Taken before any job's code is here, which could put another in its place.
const query = Deno.permissions.querySync.bind(Deno.permissions);

/**
 * Whether this lane may import a file: one of the program, or one that it may read. A compiled program
 * imports files that are not in the binary without asking for permission.
 */
export function isImportable(url: string): boolean {
  if (url.startsWith(PROGRAM)) return true;
  return query({ name: "read", path: new URL(url) }).state === "granted";
}
