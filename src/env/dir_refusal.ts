import { DirError, type DirErrorCode } from "./dir.ts";

const SAYS: Readonly<Record<DirErrorCode, string>> = {
  "not-found": "there is no such file or directory",
  "outside": "it leads out of the directory",
  "permission-denied": "the permission is missing",
  "not-a-directory": "it is not a directory",
  "is-a-directory": "it is a directory",
  "already-exists": "it exists already",
  "not-empty": "the directory is not empty",
  "closed": "it has been closed",
  "other": "the platform refused",
};

/** The error that reads "Cannot `doing` "`path`": why". */
export function dirRefusal(
  code: DirErrorCode,
  doing: string,
  path: string,
  options?: ErrorOptions,
): DirError {
  return new DirError(code, `Cannot ${doing} ${JSON.stringify(path)}: ${SAYS[code]}`, options);
}
