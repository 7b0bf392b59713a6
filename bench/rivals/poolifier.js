// @ts-check
import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";

/**
 * Opens a pool of poolifier, with its queue on. It knows signals, and no time limit: one is made of
 * a signal.
 *
 * @param {import("./rival.d.ts").PoolShape} shape
 * @returns {import("./rival.d.ts").Rival}
 */
export function open({ workers, memoryMb }) {
  const pool = new FixedThreadPool(
    workers,
    fileURLToPath(new URL("./poolifier_worker.js", import.meta.url)),
    {
      enableTasksQueue: true,
      errorHandler: () => {},
      ...(memoryMb
        ? { workerOptions: { resourceLimits: { maxOldGenerationSizeMb: memoryMb } } }
        : {}),
    },
  );
  // Else the death of a worker would end the process.
  pool.emitter?.on("error", () => {});
  return {
    run: (deed, value, { signal, timeoutMs, transfer } = {}) => {
      const stop = signal ?? (timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined);
      return pool.execute(value, deed, stop, transfer);
    },
    stats: () => {
      const { queuedTasks, executingTasks, executedTasks, runTime } = pool.info;
      return {
        queued: queuedTasks,
        running: executingTasks,
        completed: executedTasks,
        runP50Ms: runTime?.median,
      };
    },
    close: () => pool.destroy(),
  };
}
