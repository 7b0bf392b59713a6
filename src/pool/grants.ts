import { type Manifest, PERMISSION_KINDS, type PermissionRequest } from "../job/mod.ts";
import type { Grant, Permissions } from "../env/mod.ts";

/** What the operator grants, by the job's name. What is not named is not granted. */
export type Grants = Readonly<Record<string, PermissionRequest>>;

/**
 * The permissions that a job gets: what it asks for, if all of it was granted (law 10: asking is
 * not getting). Returns a sentence with both lists where it asks for more.
 */
export function grantedPermissions(
  { name, permissions: asked }: Manifest,
  granted: PermissionRequest = {},
): Permissions | string {
  const excess = PERMISSION_KINDS.some((kind) => !covers(granted[kind], asked[kind]));
  if (excess) {
    return `Cannot run the job ${name}: it asks for ${describePermissions(asked)}, and is granted ${
      describePermissions(granted)
    }`;
  }
  const grants = PERMISSION_KINDS.map((kind): [string, Grant] => [kind, toGrant(asked[kind])]);
  return Object.fromEntries(grants) as Record<typeof PERMISSION_KINDS[number], Grant>;
}

type Values = true | readonly string[] | undefined;

function covers(granted: Values, asked: Values): boolean {
  if (asked === undefined || granted === true) return true;
  if (asked === true || granted === undefined) return asked !== true && asked.length === 0;
  return asked.every((value) => granted.includes(value));
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
