import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "spin",
  summary: "Burns CPU for ever, and hears nothing: it is there to be stopped",
  input: v.string(),
  run(): string {
    for (;;);
  },
});
