// @ts-check
import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";

/**
 * Opens a pool of tinypool. It knows signals, and no time limit: one is made of a signal.
 *
 * @param {import("./rival.d.ts").PoolShape} shape
 * @returns {import("./rival.d.ts").Rival}
 */
export function open({ workers, memoryMb, maxQueue }) {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL("./piscina_worker.js", import.meta.url)),
    minThreads: workers,
    maxThreads: workers,
    ...(maxQueue ? { maxQueue } : {}),
    ...(memoryMb ? { resourceLimits: { maxOldGenerationSizeMb: memoryMb } } : {}),
  });
  return {
    run: (deed, value, { signal, timeoutMs, transfer } = {}) =>
      pool.run({ deed, value }, {
        ...(signal ? { signal } : timeoutMs ? { signal: AbortSignal.timeout(timeoutMs) } : {}),
        ...(transfer ? { transferList: transfer } : {}),
      }),
    stats: () => ({
      queued: pool.queueSize,
      running: undefined,
      completed: pool.completed,
      runP50Ms: undefined,
    }),
    close: () => pool.destroy(),
  };
}
