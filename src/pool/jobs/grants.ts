import type { Grant, Isolation, Permissions } from "../../env/mod.ts";
import { type JobLimits, type Manifest, PERMISSION_KINDS } from "../../job/mod.ts";
import type { PermissionRequest } from "../../job/mod.ts";
import { isCovered, type Values } from "./grant_cover.ts";

/** What the operator grants a job, and what else the operator says of it. */
export interface JobGrant extends PermissionRequest {
  /**
   * The services of the server that it may call; `true` for all.
   *
   * @default {none}
   */
  readonly calls?: true | readonly string[];

  /**
   * Whether its code is not to be trusted with this process. Under `auto` it runs in processes, and
   * shares them with no other job.
   *
   * @default {false}
   */
  readonly untrusted?: boolean;

  /**
   * What it runs in. A pool of processes has no workers, whatever this says.
   *
   * @default {"auto"}
   */
  readonly isolation?: Isolation | "auto";

  /** Its limits, before those of its file and the pool's. */
  readonly limits?: JobLimits;
}

/** The permissions of who was granted none. */
export const NOTHING: Permissions = {
  net: "none",
  read: "none",
  write: "none",
  env: "none",
  run: "none",
  ffi: "none",
  sys: "none",
  import: "none",
};

/** What the operator grants, by the job's name. What is not named is not granted. */
export type Grants = Readonly<Record<string, JobGrant>>;

/**
 * The permissions that a job gets: what it asks for, if all of it was granted (law 10: asking is
 * not getting). Returns a sentence with both lists where it asks for more.
 */
export function grantedPermissions(
  { name, permissions: asked }: Manifest,
  granted: PermissionRequest = {},
): Permissions | string {
  const excess = PERMISSION_KINDS.some((kind) => !isCovered(kind, asked[kind], granted[kind]));
  if (excess) {
    return `Cannot run the job ${name}: it asks for ${describePermissions(asked)}, and is granted ${
      describePermissions(granted)
    }`;
  }
  const grants = PERMISSION_KINDS.map((kind): [string, Grant] => [kind, toGrant(asked[kind])]);
  return Object.fromEntries(grants) as Record<typeof PERMISSION_KINDS[number], Grant>;
}

/**
 * What a job runs in, where the pool has workers: a process if it may run programs or load native
 * code, which no permission of Deno's holds, or if it is not trusted; else a worker.
 */
export function isolationOf(
  { run, ffi }: Permissions,
  { isolation = "auto", untrusted = false }: JobGrant = {},
): Isolation {
  if (isolation !== "auto") return isolation;
  return untrusted || run !== "none" || ffi !== "none" ? "process" : "worker";
}

function toGrant(values: Values): Grant {
  if (values === true) return "all";
  return values === undefined || values.length === 0 ? "none" : values;
}

/** Permissions in words: `net (example.com), read`, or `nothing`. */
export function describePermissions(permissions: PermissionRequest): string {
  const kinds = PERMISSION_KINDS.flatMap((kind) => {
    const values = permissions[kind];
    if (values === undefined) return [];
    return values === true ? [kind] : [`${kind} (${values.join(", ")})`];
  });
  return kinds.join(", ") || "nothing";
}
