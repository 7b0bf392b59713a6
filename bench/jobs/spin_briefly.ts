import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

/** As `spin`, with a deadline of its own. */
export default defineJob({
  name: "spin_briefly",
  summary: "Burns CPU until its deadline",
  limits: { deadlineMs: 200, graceMs: 20 },
  input: v.unknown(),
  run() {
    for (;;);
  },
});
