import { denoLaneMachine } from "./deno_lane_machine.ts";
import type { Env } from "./env.ts";

/** What a job asks for, as far as parts of the machine hang on it. */
export interface AskedParts {
  /** Whether it asks for the network. */
  readonly net?: unknown;
  /** Whether it asks to read files. */
  readonly read?: unknown;
  /** Whether it asks to write files. */
  readonly write?: unknown;
  /** The environment variables that it asks for. */
  readonly env?: true | readonly string[];
  /** Whether it asks to run programs. */
  readonly run?: unknown;
}

/**
 * The machine as a job sees it that asks for this: of what needs code, no more is loaded. What it may
 * do with each part is up to the permissions of its lane.
 */
export async function denoJobMachine(asked: AskedParts): Promise<Partial<Env>> {
  const free = denoLaneMachine();
  const [net, files, vars, programs] = await Promise.all([
    asked.net === undefined ? undefined : import("./deno_net.ts"),
    asked.read === undefined && asked.write === undefined ? undefined : import("./deno_dir.ts"),
    asked.env === undefined ? undefined : import("./deno_vars.ts"),
    asked.run === undefined ? undefined : import("./deno_process.ts"),
  ]);
  return {
    ...free,
    ...(net && { net: net.denoNet() }),
    ...(files && { fs: files.denoDir("/") }),
    ...(vars && { vars: vars.denoVars(asked.env) }),
    ...(programs && { processes: programs.denoProcesses(free.clock) }),
  };
}
