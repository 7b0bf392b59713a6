import { getPriority, setPriority } from "node:os";

/** Where Linux lists the threads of this process, the newest last. */
const THREADS = "/proc/self/task";

/**
 * How far threads that run jobs stand back behind this one, of 19 steps: on a full machine it takes
 * what it needs at once, and they share the rest, nearly all.
 */
const STEPS_BACK = 10;

/** The lowest priority that there is. */
const LOWEST = 19;

/**
 * Has a worker thread, by its number as `node:worker_threads` tells it, run at a lower priority than
 * this thread. It helps where it can be had: on Linux, with the permission to look into /proc.
 */
export function standBack(worker: number): void {
  try {
    const thread = threadOf(worker);
    if (thread !== undefined) setPriority(thread, Math.min(getPriority() + STEPS_BACK, LOWEST));
  } catch {
    // Not here, or not permitted: then all threads take their turns alike.
  }
}

/** The kernel's number of a worker, which it knows by its name. */
function threadOf(worker: number): number | undefined {
  const threads = [...Deno.readDirSync(THREADS)].reverse();
  const thread = threads.find(({ name }) => nameOf(name) === `worker-${worker}`);
  return thread && Number(thread.name);
}

/** Another thread may end while they are looked at. */
function nameOf(thread: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${THREADS}/${thread}/comm`).trimEnd();
  } catch {
    return undefined;
  }
}
