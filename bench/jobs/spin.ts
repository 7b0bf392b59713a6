import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "spin",
  summary: "Burns CPU for ever",
  input: v.unknown(),
  run() {
    for (;;);
  },
});
