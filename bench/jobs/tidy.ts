import { defineJob } from "@switchyard/switchyard/job";
import { leaveMark, Mark, MARKS } from "./_marks.ts";

export default defineJob({
  name: "tidy",
  summary: "Waits until it is told to stop, and tidies up",
  permissions: { write: [MARKS] },
  input: Mark,
  run: (mark, { signal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        leaveMark(mark);
        reject(signal.reason);
      });
    }),
});
