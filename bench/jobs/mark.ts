import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { leaveMark, MARKS } from "./_marks.ts";

export default defineJob({
  name: "mark",
  summary: "Leaves its input as a mark",
  permissions: { write: [MARKS] },
  input: v.string(),
  run: (text) => leaveMark(text),
});
