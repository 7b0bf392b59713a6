// @ts-check
import { fileURLToPath } from "node:url";
import workerpool from "workerpool";

/**
 * Opens a pool of workerpool. Its own promises have `cancel` and `timeout`; signals it does not know.
 *
 * @param {import("./rival.d.ts").PoolShape} shape
 * @returns {import("./rival.d.ts").Rival}
 */
export function open({ workers, memoryMb, maxQueue }) {
  const script = fileURLToPath(new URL("./workerpool_worker.js", import.meta.url));
  const pool = workerpool.pool(script, {
    minWorkers: workers,
    maxWorkers: workers,
    workerType: "thread",
    ...(maxQueue ? { maxQueueSize: maxQueue } : {}),
    ...(memoryMb
      ? { workerThreadOpts: { resourceLimits: { maxOldGenerationSizeMb: memoryMb } } }
      : {}),
  });
  return {
    run: async (deed, value, { signal, timeoutMs, transfer, onProgress } = {}) => {
      const running = pool.exec(deed, [value], {
        ...(transfer ? { transfer } : {}),
        ...(onProgress ? { on: onProgress } : {}),
      });
      signal?.addEventListener("abort", () => void running.cancel());
      return await (timeoutMs ? running.timeout(timeoutMs) : running);
    },
    stats: () => {
      const { pendingTasks, activeTasks } = pool.stats();
      return {
        queued: pendingTasks,
        running: activeTasks,
        completed: undefined,
        runP50Ms: undefined,
      };
    },
    close: async () => void await pool.terminate(true),
  };
}
