import type { JobDefinition } from "./define_job.ts";

/** A job that can be submitted, by its name and with the types of its input and output. */
export interface JobRef<Given, Output> {
  /** What it is called. */
  readonly name: string;

  /** Never there: it carries the types. */
  readonly "~types"?: { readonly given: Given; readonly output: Output } | undefined;
}

/** The types that a job's definition, or the module of its file, gives to a {@linkcode JobRef}. */
export type RefTo<Source> = Source extends { readonly default: infer Definition }
  ? RefTo<Definition>
  : Source extends JobDefinition<infer _Input, infer Output, infer Given> ? JobRef<Given, Output>
  : never;

/**
 * A job by its name, with the types of its file, so that `pool.submit(fib, 30)` is typed. The file is
 * named by type alone: its code is never loaded into the server, which runs no job's code.
 *
 * @example
 * ```ts
 * import { jobRef, realEnv, resultOf, Switch, WorkerPool } from "@switchyard/switchyard";
 * import { defineJob } from "@switchyard/switchyard";
 * import * as v from "valibot";
 *
 * // In a program: `const fib = jobRef<typeof import("./workers/fib.ts")>("fib");`
 * const definition = defineJob({ name: "fib", summary: "", input: v.number(), run: (n) => n });
 * const fib = jobRef<typeof definition>("fib");
 *
 * const env = realEnv({ log: { level: "warn" } });
 * await Switch.run(async (sw) => {
 *   const pool = await WorkerPool.open(sw, env, { jobs: await env.cwd.subtree("workers") });
 *   const n: number = resultOf(await pool.submit(fib, 30));
 *   console.log(n);
 * });
 * ```
 */
export function jobRef<Source>(name: string): RefTo<Source> {
  return { name } as RefTo<Source>;
}
