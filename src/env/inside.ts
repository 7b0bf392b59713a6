import { DirError } from "./dir.ts";

/** What a name of a Windows drive or a Unix root begins with. */
const ABSOLUTE = /^(?:[/\\]|[A-Za-z]:)/;

/**
 * The parts of a path below a directory, `.` and empty ones left out. Throws a
 * {@linkcode DirError} for a path that is absolute or has a `..`, wherever it would lead.
 */
export function partsBelow(root: string, path: string): string[] {
  const parts = path.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
  if (ABSOLUTE.test(path) || parts.includes("..") || path.includes("\0")) {
    throw outside(root, path);
  }
  return parts;
}

/** The error for a path that leads out of the directory. */
export function outside(root: string, path: string): DirError {
  return new DirError("outside", `Cannot open ${JSON.stringify(path)}: it leads out of "${root}"`);
}
