import { type Env, fakeEnv } from "../env/mod.ts";
import {
  isItems,
  type JobContext,
  type JobDefinition,
  jobEnv,
  type JobMachine,
  type JobResult,
  type PermissionRequest,
  type Progress,
  received,
  takeItems,
  validate,
} from "../job/mod.ts";
import { abortable, Cancelled } from "../switch/mod.ts";

/** Options for {@linkcode runJob}. */
export interface RunJobOptions {
  /**
   * The machine that the job sees: of it, the job is given the parts that it asks for, and its log
   * receives what the job logs.
   *
   * @default {fakeEnv()}
   */
  readonly env?: Partial<JobMachine> & Partial<Pick<Env, "log">>;

  /** Asks the job to stop. */
  readonly signal?: AbortSignal;

  /** What the job may call, by name: functions of its arguments. Of these, those in its `calls`. */
  readonly services?: Readonly<Record<string, (...args: never[]) => unknown>>;

  /** Is called with each progress that the job tells: none is left out. */
  readonly onProgress?: (progress: Progress) => void;

  /** Is called with each item of a job that gives many, and waited for. */
  readonly onItem?: (item: unknown) => void | Promise<void>;
}

/**
 * Runs a job here and now, without a pool, on a machine that a test drives: resolves to its result, of
 * a job that gives many, to a list of its items. The input goes through the job's schema.
 *
 * Rejects with what the job throws, with an error whose cause says why where the input is refused, and
 * with `Cancelled` where the job heeds its `signal`. Nothing here can stop a job that does not.
 *
 * @example
 * ```ts
 * import { defineJob, fakeEnv, runJob } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 * import * as v from "valibot";
 *
 * const count = defineJob({
 *   name: "count",
 *   summary: "How many lines a file has",
 *   permissions: { read: ["/data"] },
 *   input: v.string(),
 *   run: async (path, { env }) => (await env.fs.readText(path)).split("\n").length,
 * });
 *
 * const env = fakeEnv({ fs: { "data/a.txt": "one\ntwo" } });
 * assertEquals(await runJob(count, "data/a.txt", { env }), 2);
 * ```
 */
export async function runJob<
  Input,
  Output,
  Given,
  Asked extends PermissionRequest,
  Calls extends readonly string[],
>(
  job: JobDefinition<Input, Output, Given, Asked, Calls>,
  input: Given,
  options: RunJobOptions = {},
): Promise<JobResult<Output>> {
  const context = contextOf(job, options);
  // A context of everything that a job can be given is one of what this job asks for.
  const output = await job.run(
    await validate(job.input, input),
    context as JobContext<Asked, Calls>,
  );
  if (!isItems(output)) return received(output) as JobResult<Output>;
  const items: unknown[] = [];
  await takeItems(output, async (item) => {
    context.check();
    items.push(received(item));
    await options.onItem?.(received(item));
  });
  return items as JobResult<Output>;
}

function contextOf(
  { name, permissions = {}, calls = [] }: Pick<
    JobDefinition<never, unknown>,
    "name" | "permissions" | "calls"
  >,
  { env = fakeEnv(), signal = new AbortController().signal, services = {}, onProgress }:
    RunJobOptions,
): JobContext {
  return {
    signal,
    env: jobEnv(permissions, env) as JobMachine,
    log: (env.log ?? fakeEnv().log).with({ job: name }),
    check() {
      if (signal.aborted) throw Cancelled.from(signal.reason);
    },
    progress(done, total, note) {
      onProgress?.({
        done,
        ...(total !== undefined && { total }),
        ...(note !== undefined && { note }),
      });
    },
    call(service, ...args) {
      const fn = calls.includes(service) ? services[service] : undefined;
      if (fn === undefined) {
        return Promise.reject(
          new TypeError(
            `Cannot call ${service}: add it to the job's "calls" and to the services of the test`,
          ),
        );
      }
      return abortable(Promise.try(() => fn(...args as never[])), signal);
    },
  };
}
