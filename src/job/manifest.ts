import type { JobLimits, JobPriority } from "./define_job.ts";
import type { PermissionRequest } from "./permission_request.ts";

/** What is known of a job without running it: its definition less the functions. */
export interface Manifest {
  /** What clients call it. */
  readonly name: string;

  /** What it does, in one line. */
  readonly summary: string;

  /** Texts that a person can try. */
  readonly examples: readonly string[];

  /** What its text must be, in words; empty where its file does not say. */
  readonly takes: string;

  /** What it asks for. */
  readonly permissions: PermissionRequest;

  /** Its own limits; what is left out is the pool's default. */
  readonly limits: JobLimits;

  /** Whether equal inputs give equal results, and a run leaves nothing behind. */
  readonly pure: boolean;

  /** How many runs may share a lane while they wait. */
  readonly concurrency: number;

  /** How much its requests matter, where they do not say. */
  readonly priority: JobPriority;

  /** The services of the server that it asks to call. */
  readonly calls: readonly string[];
}

/** The kinds of permission that Deno knows. */
export const PERMISSION_KINDS = [
  "net",
  "read",
  "write",
  "env",
  "run",
  "ffi",
  "sys",
  "import",
] as const;

/** The priorities, highest first. */
export const JOB_PRIORITIES = ["high", "normal", "low"] as const satisfies readonly JobPriority[];

/** The most runs that may share a lane: each holds its input, and they die together. */
const MAX_CONCURRENCY = 1_000;

const SERVICE = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/**
 * The manifest of what a job file exports by default. Throws a TypeError or RangeError that says
 * which member is wrong, and what it must be.
 */
export function manifestOf(definition: unknown): Manifest {
  if (!isRecord(definition)) {
    throw new TypeError(
      `Cannot load the job: its file must \`export default defineJob({...})\`, got ${
        describe(definition)
      }`,
    );
  }
  const { name, summary, examples = [], takes = "", input, run } = definition;
  const { permissions = {}, limits = {} } = definition;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `Cannot load the job: "name" must be a lower-case letter and then up to 62 letters, digits, "-" or "_", got ${
        describe(name)
      }`,
    );
  }
  const refuse = (member: string, must: string, value: unknown) =>
    new TypeError(
      `Cannot load the job ${name}: "${member}" must be ${must}, got ${describe(value)}`,
    );

  if (typeof summary !== "string") throw refuse("summary", "a string", summary);
  if (!isStrings(examples)) throw refuse("examples", "a list of strings", examples);
  if (typeof takes !== "string") throw refuse("takes", "a string, or left out", takes);
  if (!isRecord(input) || !("~standard" in input)) {
    throw refuse("input", "a Standard Schema (valibot, zod, arktype)", input);
  }
  if (typeof run !== "function") throw refuse("run", "a function", run);
  for (const member of ["parse", "format"]) {
    const value = definition[member];
    if (value !== undefined && typeof value !== "function") {
      throw refuse(member, "a function, or left out", value);
    }
  }
  return {
    name,
    summary,
    examples,
    takes,
    permissions: checkPermissions(permissions, refuse),
    limits: checkLimits(limits, refuse),
    ...checkTraits(definition, refuse),
  };
}

type Refuse = (member: string, must: string, value: unknown) => TypeError;

function checkPermissions(permissions: unknown, refuse: Refuse): PermissionRequest {
  if (!isRecord(permissions)) throw refuse("permissions", "an object", permissions);
  const kinds: readonly string[] = PERMISSION_KINDS;
  for (const [kind, value] of Object.entries(permissions)) {
    if (!kinds.includes(kind)) {
      throw refuse("permissions", `an object with the keys ${kinds.join(", ")}`, kind);
    }
    if (value !== true && !isStrings(value)) {
      throw refuse(`permissions.${kind}`, "true or a list of strings", value);
    }
  }
  return permissions;
}

function checkLimits(limits: unknown, refuse: Refuse): JobLimits {
  if (!isRecord(limits)) throw refuse("limits", "an object", limits);
  for (const [limit, value] of Object.entries(limits)) {
    if (limit !== "deadlineMs" && limit !== "graceMs" && limit !== "memoryMb") {
      throw refuse("limits", "an object with the keys deadlineMs, graceMs, memoryMb", limit);
    }
    const least = limit === "graceMs" ? 0 : limit === "memoryMb" ? 16 : 1;
    if (typeof value !== "number" || !Number.isFinite(value) || value < least) {
      throw refuse(`limits.${limit}`, `a number of at least ${least}`, value);
    }
  }
  return limits;
}

function checkTraits(definition: Record<string, unknown>, refuse: Refuse) {
  const { pure = false, concurrency = 1, priority = "normal", calls = [] } = definition;
  if (typeof pure !== "boolean") throw refuse("pure", "true or false", pure);
  if (!isConcurrency(concurrency)) {
    throw refuse("concurrency", `a whole number from 1 to ${MAX_CONCURRENCY}`, concurrency);
  }
  if (!isPriority(priority)) throw refuse("priority", JOB_PRIORITIES.join(", "), priority);
  if (!isStrings(calls) || !calls.every((name) => SERVICE.test(name))) {
    throw refuse("calls", 'a list of names of services, such as "kv.get"', calls);
  }
  return { pure, concurrency, priority, calls };
}

function isConcurrency(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_CONCURRENCY;
}

function isPriority(value: unknown): value is JobPriority {
  return JOB_PRIORITIES.some((priority) => priority === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
