import { defineJob } from "@switchyard/switchyard/job";
import { leaveMark, Mark, MARKS } from "./_marks.ts";

const kept: unknown[] = [];

export default defineJob({
  name: "mark_and_allocate",
  summary: "Leaves its input as a mark, and takes memory until there is no more",
  permissions: { write: [MARKS] },
  input: Mark,
  run(mark) {
    leaveMark(mark);
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  },
});
