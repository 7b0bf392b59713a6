import type { Env } from "../env/mod.ts";
import type { PermissionRequest } from "./permission_request.ts";

/** The parts of the machine that every job has: they need no permission. */
export type FreePart = "clock" | "random" | "secureRandom";

/** The parts of the machine that a job has who asks for these permissions. */
export type JobEnvPart<Asked> =
  | FreePart
  | (Extract<keyof Asked, "net"> extends never ? never : "net")
  | (Extract<keyof Asked, "read" | "write"> extends never ? never : "fs")
  | (Extract<keyof Asked, "env"> extends never ? never : "vars")
  | (Extract<keyof Asked, "run"> extends never ? never : "processes");

/**
 * What of the machine a job holds: `clock`, `random` and `secureRandom` always, and for what it asks
 * in its `permissions`: `net` for `net`, `fs` for `read` and `write` (paths relative to the root),
 * `vars` for `env`, `processes` for `run`. What it did not ask for is a type error, and a TypeError
 * when it is used all the same; within a part, each use needs the permission that was granted.
 */
export type JobEnv<Asked extends PermissionRequest = PermissionRequest> = Pick<
  Env,
  JobEnvPart<Asked>
>;

/** Everything that any job may hold. */
export type JobMachine = JobEnv;

/** For each part, the permissions of which one must be asked for; none for what is free. */
const NEEDED: { readonly [Part in keyof JobMachine]: readonly (keyof PermissionRequest)[] } = {
  clock: [],
  random: [],
  secureRandom: [],
  net: ["net"],
  fs: ["read", "write"],
  vars: ["env"],
  processes: ["run"],
};

/** Whether a job that asks for this has a part of the machine that needs permission. */
export function asksForParts(asked: PermissionRequest): boolean {
  return Object.values(NEEDED).some((kinds) => kinds.some((kind) => asked[kind] !== undefined));
}

/**
 * Of `machine` the parts that a job has who asks for this. A part is read from `machine` when the
 * job reads it; what it did not ask for throws a TypeError that says which permission it needs.
 */
export function jobEnv<Asked extends PermissionRequest>(
  asked: Asked,
  machine: Partial<JobMachine>,
): JobEnv<Asked> {
  const env = {};
  for (const [part, kinds] of Object.entries(NEEDED)) {
    const isAsked = kinds.length === 0 || kinds.some((kind) => asked[kind] !== undefined);
    Object.defineProperty(env, part, {
      enumerable: isAsked,
      get: () => isAsked ? partOf(machine, part) : refuse(part, kinds),
    });
  }
  return env as JobEnv<Asked>;
}

function partOf(machine: Partial<JobMachine>, part: string): unknown {
  const value = machine[part as keyof JobMachine];
  if (value !== undefined) return value;
  throw new TypeError(`Cannot use env.${part}: the environment that the job was given has none`);
}

function refuse(part: string, kinds: readonly string[]): never {
  throw new TypeError(
    `Cannot use env.${part}: the job does not ask for it. Add "${
      kinds.join('" or "')
    }" to its permissions, and have the operator grant it`,
  );
}
