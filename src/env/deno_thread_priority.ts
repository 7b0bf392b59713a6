import { getPriority, setPriority } from "node:os";

/** Where Linux lists the threads of this process. */
const THREADS = "/proc/self/task";

/**
 * How far threads that run jobs stand back behind this one, of 19 steps: on a full machine it takes
 * what it needs at once, and they share the rest, nearly all.
 */
const STEPS_BACK = 10;

/** What the kernel calls a thread of V8, "V8 DefaultWorker", of which it keeps fifteen letters. */
const ENGINE_THREAD = "V8 DefaultWorke";

/** The lowest priority that there is. */
const LOWEST = 19;

/**
 * The same for those that start such threads, and kill them: what they start takes after them, and to
 * start costs much, but a kill must not wait behind what it is to end.
 */
const STARTERS_STEPS_BACK = 5;

/**
 * Has a worker thread, by its number as `node:worker_threads` tells it, run at a lower priority than
 * this thread. It helps where it can be had: on Linux, with the permission to look into /proc.
 */
export function standBack(worker: number): void {
  lower((name) => name === `worker-${worker}`, STEPS_BACK);
}

/** Has the worker that this thread has just started stand back by less: it is to start such threads. */
export function starterStandsBack(): void {
  lower((name) => name?.startsWith("worker-") ?? false, STARTERS_STEPS_BACK);
}

/**
 * Has the engine's own threads stand back as far. They compile and collect garbage for all, so that
 * jobs which fill their memory would else keep this thread waiting through them. Where they work for
 * this thread they still go before the jobs.
 */
export function helpersStandBack(): void {
  lower((name) => name === ENGINE_THREAD, STARTERS_STEPS_BACK, Infinity);
}

/** Lowers the priority of the newest threads of such a name, by which the kernel knows them. */
function lower(isMeant: (name: string | undefined) => boolean, steps: number, most = 1): void {
  try {
    const threads = [...Deno.readDirSync(THREADS)].map(({ name }) => Number(name));
    const priority = Math.min(getPriority() + steps, LOWEST);
    let found = 0;
    for (const thread of threads.sort((a, b) => b - a)) {
      if (!isMeant(nameOf(thread))) continue;
      setPriority(thread, priority);
      if (++found === most) return;
    }
  } catch {
    // Not here, or not permitted: then all threads take their turns alike.
  }
}

/** Another thread may end while they are looked at. */
function nameOf(thread: number): string | undefined {
  try {
    return Deno.readTextFileSync(`${THREADS}/${thread}/comm`).trimEnd();
  } catch {
    return undefined;
  }
}
