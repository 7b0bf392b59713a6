/** Where each run leaves its mark. Lanes in threads have the process id of the program. */
export const MARKS = `/tmp/switchyard-bench-marks-${Deno.pid}`;

/** Leaves a mark: a line that says that a run has begun. */
export function leaveMark(text: string): void {
  Deno.writeTextFileSync(MARKS, `${text}\n`, { append: true });
}
