/** How many threads of this process run workers: wardens and lanes. Deno calls each `worker-N`. */
export function countLanes(): number {
  return [...Deno.readDirSync("/proc/self/task")].filter(({ name }) => isWorker(name)).length;
}

/** Waits until the last of them has ended: a thread leaves the list a moment after its last word. */
export async function untilNoLanes(): Promise<void> {
  while (countLanes() > 0) await new Promise((turn) => setImmediate(turn));
}

function isWorker(id: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/self/task/${id}/comm`).startsWith("worker-");
  } catch (error) {
    // It has ended since the list was read.
    if (error instanceof Deno.errors.NotFound || isNoProcess(error)) return false;
    throw error;
  }
}

/** ESRCH, which has no class of its own. */
function isNoProcess(error: unknown): boolean {
  return Error.isError(error) && error.message.includes("os error 3");
}
