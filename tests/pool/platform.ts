import { getPriority } from "node:os";

/** The names of the threads of this process that run lanes and wardens. */
export function workerThreads(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    const comm = read(`/proc/self/task/${name}/comm`).trim();
    return comm.startsWith("worker-") ? [comm] : [];
  });
}

/** The scheduling priority of the thread of this process that has this name; a lower number is higher. */
export function priorityOf(thread: string): number | undefined {
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    const folder = `/proc/self/task/${name}`;
    if (read(`${folder}/comm`).trim() === thread) return getPriority(Number(name));
  }
  return undefined;
}

/** The processes that this one has started and that have not been waited for. */
export function childProcesses(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
    read(`/proc/self/task/${name}/children`).split(" ").filter((pid) => pid !== "")
  );
}

/** Resolves when `isSo()`, which the kernel tells nobody: it is asked in each turn of the loop. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resume) => setTimeout(resume, 0));
}

/** Whether this process was started with a flag of V8's. */
export function hasV8Flag(flag: string): boolean {
  return read("/proc/self/cmdline").includes(flag);
}

/** The memory that this process uses, in MiB. */
export function residentMb(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}

/** A thread may end while its files are read. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** Milliseconds in one of the ticks in which the kernel counts CPU time for /proc. */
const TICK_MS = 10;

/** The CPU time that this process and the processes that it has started have used, in milliseconds. */
export function cpuMs(): number {
  const ticks = ["self", ...childProcesses()].map((pid) => {
    const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
    return (Number(fields[11]) || 0) + (Number(fields[12]) || 0);
  });
  return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS;
}
