import * as v from "valibot";

/** Where marks may be left. */
export const MARKS = "/tmp";

/** What a job is told to write, and where, so that its runs can be counted. */
export const Mark = v.object({ path: v.string(), text: v.string() });

/** Leaves a mark: a line that says that a run has begun. */
export function leaveMark({ path, text }: v.InferOutput<typeof Mark>): void {
  Deno.writeTextFileSync(path, `${text}\n`, { append: true });
}
