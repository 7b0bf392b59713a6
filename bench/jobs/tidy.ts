import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { leaveMark, MARKS } from "./_marks.ts";

export default defineJob({
  name: "tidy",
  summary: "Waits until it is told to stop, and tidies up",
  permissions: { write: [MARKS] },
  input: v.unknown(),
  run: (_, { signal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        leaveMark("tidied");
        reject(signal.reason);
      });
    }),
});
