import { defineJob } from "@switchyard/switchyard/job";
import { leaveMark, Mark, MARKS } from "./_marks.ts";

export default defineJob({
  name: "mark",
  summary: "Leaves its input as a mark",
  permissions: { write: [MARKS] },
  input: Mark,
  run: (mark) => leaveMark(mark),
});
