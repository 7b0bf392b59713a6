import {
  type ErrorRecord,
  type Isolation,
  type Outcome,
  quantileMs,
  realEnv,
  Submitter,
  Switch,
  transfer,
  WorkerPool,
} from "@switchyard/switchyard";
import type { PoolShape, Rival, RunOptions } from "../rivals/rival.d.ts";

/** What the operator grants: what `bench/jobs` ask for, as it is right. */
const GRANTS = {
  read: { read: ["/etc/hosts"] },
  mark: { write: ["/tmp"] },
  mark_and_allocate: { write: ["/tmp"] },
  tidy: { write: ["/tmp"] },
};

/** Opens our pool, as the comparisons want it. */
export async function open(isolation: Isolation, shape: PoolShape): Promise<Rival> {
  const env = realEnv({ log: { level: "error" } });
  const { workers, memoryMb, maxQueue } = shape;
  const opened = Promise.withResolvers<WorkerPool>();
  const closed = Promise.withResolvers<void>();
  const running = Switch.run(async (sw) => {
    const pool = await WorkerPool.open(sw, env, {
      jobs: await env.cwd.subtree("bench/jobs"),
      grants: GRANTS,
      isolation,
      cores: workers,
      spares: 1,
      // The questions prove what the self-test would, and each column stays what it says it is.
      selfTest: false,
      onStuck: "log",
      ...(memoryMb ? { memoryMb } : {}),
      ...(maxQueue ? { maxQueue } : {}),
    });
    opened.resolve(pool);
    await closed.promise;
  });
  running.catch(opened.reject);
  const pool = await opened.promise;
  return {
    run: async (deed, value, options = {}) => resultOf(await submit(pool, deed, value, options)),
    stats: () => figuresOf(pool),
    close: async () => {
      closed.resolve();
      await running;
    },
  };
}

const submitters = new Map<number, Submitter>();

function submitterOf(client: number): Submitter {
  const submitter = submitters.get(client) ?? new Submitter();
  submitters.set(client, submitter);
  return submitter;
}

function submit(pool: WorkerPool, deed: string, value: unknown, options: RunOptions) {
  const { signal, timeoutMs, client, transfer: buffers, onProgress } = options;
  return pool.submit(deed, buffers === undefined ? value : transfer(value, buffers), {
    ...(onProgress ? { onProgress: ({ done }) => onProgress(done) } : {}),
    ...(signal ? { signal } : {}),
    ...(timeoutMs ? { deadlineMs: timeoutMs } : {}),
    ...(client ? { submitter: submitterOf(client) } : {}),
  });
}

/** The others reject where a job was not done. */
function resultOf(outcome: Outcome): unknown {
  if (outcome.kind === "done") return outcome.result;
  throw "error" in outcome ? toError(outcome.error) : new Error(outcome.kind, { cause: outcome });
}

function toError({ cause, name, message, stack, fields }: ErrorRecord): Error {
  const error = new Error(message, cause ? { cause: toError(cause) } : {});
  return Object.assign(error, { name, stack, ...fields });
}

function figuresOf(pool: WorkerPool) {
  const { queued, lanes, outcomes, run } = pool.stats();
  return {
    queued,
    running: lanes.busy,
    completed: outcomes.done,
    runP50Ms: quantileMs(run, 0.5),
  };
}
