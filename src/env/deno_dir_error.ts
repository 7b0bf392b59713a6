import { DirError, type DirErrorCode } from "./dir.ts";
import { dirRefusal } from "./dir_refusal.ts";

/** The platform's error as a {@linkcode DirError}; anything else as it is. */
export function toDirError(doing: string, path: string, cause: unknown): unknown {
  if (cause instanceof DirError || !isOfPlatform(cause)) return cause;
  return dirRefusal(codeOf(cause), doing, path, { cause });
}

/** Errors of the file system bear the system's code, those of a missing permission a class. */
function isOfPlatform(cause: unknown): cause is Error {
  return cause instanceof Error && ("code" in cause || cause instanceof Deno.errors.NotCapable);
}

function codeOf(error: Error): DirErrorCode {
  if (error instanceof Deno.errors.NotFound) return "not-found";
  if (error instanceof Deno.errors.NotADirectory) return "not-a-directory";
  if (error instanceof Deno.errors.IsADirectory) return "is-a-directory";
  if (error instanceof Deno.errors.AlreadyExists) return "already-exists";
  if (error instanceof Deno.errors.PermissionDenied) return "permission-denied";
  if (error instanceof Deno.errors.NotCapable) return "permission-denied";
  if (error instanceof Deno.errors.BadResource) return "closed";
  return "code" in error && error.code === "ENOTEMPTY" ? "not-empty" : "other";
}
