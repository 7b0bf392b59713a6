/** Ticks of the kernel's clock in a second, as `/proc` counts them. */
const TICKS_PER_SECOND = 100;

/** The memory that is a process's own, in KiB: code that it shares is not counted. */
export function privateKbOf(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]);
}

/** How long a process has been on a core so far, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS_PER_SECOND;
}
