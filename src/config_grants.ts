import { Reading } from "./config_reading.ts";
import { type JobLimits, PERMISSION_KINDS } from "./job/mod.ts";
import type { Grants, JobGrant } from "./pool/mod.ts";

const KINDS: readonly string[] = PERMISSION_KINDS;
const GRANT_KEYS = [...KINDS, "untrusted", "isolation", "limits", "calls"];
const ISOLATIONS = ["auto", "worker", "process"];

/** The least that each limit may be. */
const LEAST_LIMITS: Readonly<Record<keyof JobLimits, number>> = {
  deadlineMs: 1,
  graceMs: 0,
  memoryMb: 16,
};

/** Kinds whose values are paths, and the one whose values may be. */
const PATH_KINDS = ["read", "write", "ffi"];

/**
 * The `grants` of a configuration file: by the job's name, what it may do, what it runs in, its
 * limits. Paths are relative to the folder of the file, whose absolute path is `path`.
 */
export function parseGrants(value: unknown, path: string): Grants {
  const grants = new Reading(`"grants"`, path).record(value);
  return Object.fromEntries(
    Object.entries(grants).map(([job, grant]) => [job, parseGrant(job, grant, path)]),
  );
}

function parseGrant(job: string, value: unknown, path: string): JobGrant {
  const reading = new Reading(`the grant of "${job}"`, path);
  const grant = reading.record(value, GRANT_KEYS);
  const folder = path.slice(0, path.lastIndexOf("/"));
  return Object.fromEntries(
    Object.entries(grant).map(([key, member]) => [key, parseMember(reading, key, member, folder)]),
  );
}

function parseMember(reading: Reading, key: string, value: unknown, folder: string): unknown {
  switch (key) {
    case "untrusted":
      return reading.check(key, value, typeof value === "boolean", "true or false");
    case "isolation":
      return reading.check(key, value, ISOLATIONS.includes(String(value)), ISOLATIONS.join(", "));
    case "limits":
      return parseLimits(reading.member(key), value);
    default:
      return parseValues(reading, key, value, folder);
  }
}

function parseLimits(reading: Reading, value: unknown): JobLimits {
  const limits = reading.record(value, Object.keys(LEAST_LIMITS));
  for (const [key, least] of Object.entries(LEAST_LIMITS)) {
    const limit = limits[key];
    const isLimit = limit === undefined || (Number.isFinite(limit) && Number(limit) >= least);
    reading.check(key, limit, isLimit, `a number of at least ${least}`);
  }
  return limits;
}

function parseValues(reading: Reading, kind: string, value: unknown, folder: string) {
  if (value === true) return true;
  const isList = Array.isArray(value) && value.every((one) => typeof one === "string" && one);
  reading.check(kind, value, isList, "true, or a list of texts");
  return (value as string[]).map((one) => isPath(kind, one) ? absolute(one, folder) : one);
}

/** A program without a slash is looked up, and is no path. */
function isPath(kind: string, value: string): boolean {
  return PATH_KINDS.includes(kind) || (kind === "run" && value.includes("/"));
}

function absolute(path: string, folder: string): string {
  const parts = path.startsWith("/") ? path : `${folder}/${path}`;
  return `/${
    parts.split("/").reduce<string[]>((kept, part) => {
      if (part === "..") return kept.slice(0, -1);
      return part === "" || part === "." ? kept : [...kept, part];
    }, []).join("/")
  }`;
}
