import type { Grant, Permissions } from "./threads.ts";

/** What a lane must be able to read that a Web Worker starts: its own program. */
const RUNTIME_SOURCES = [
  "../../workers/runtime",
  "../job",
  "../pool/link",
  "../env",
  "../sync",
  "../switch",
  "../protocol/exact_json.ts",
  "../protocol/integer.ts",
].map((path) => decodeURIComponent(new URL(path, import.meta.url).pathname));

/** The permissions of a scope's threads: what it was granted, and reading their own program. */
export function withRuntimeSources(permissions: Permissions): Permissions {
  const { read } = permissions;
  if (read === "all") return permissions;
  return { ...permissions, read: [...RUNTIME_SOURCES, ...(read === "none" ? [] : read)] };
}

/** As a Web Worker takes them. Every key is written out: one left out would be inherited. */
export function toWorkerPermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  const value = (grant: Grant) => grant === "all" ? true : grant === "none" ? false : [...grant];
  return {
    net: value(permissions.net),
    read: value(permissions.read),
    write: value(permissions.write),
    env: value(permissions.env),
    run: value(permissions.run),
    ffi: value(permissions.ffi),
    sys: value(permissions.sys) as boolean,
    import: value(permissions.import),
  };
}

/** As flags of a `deno` process. Throws a RangeError for a value that flags cannot express. */
export function toFlags(permissions: Permissions): string[] {
  return Object.entries(permissions).flatMap(([kind, grant]: [string, Grant]) => {
    // Left out, it would let the platform's list of trusted hosts through.
    if (grant === "none") return kind === "import" ? ["--deny-import"] : [];
    return [grant === "all" ? `--allow-${kind}` : `--allow-${kind}=${listOf(kind, grant)}`];
  });
}

function listOf(kind: string, values: readonly string[]): string {
  const split = values.find((value) => value.includes(","));
  if (split === undefined) return values.join(",");
  throw new RangeError(
    `Cannot grant ${kind} "${split}" to a process: a comma would split it. Use the worker isolation, or a name without one`,
  );
}
