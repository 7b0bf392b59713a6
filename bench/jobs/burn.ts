import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "burn",
  summary: "Burns CPU for so many milliseconds",
  input: v.number(),
  parse: Number,
  run(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return ms;
  },
});
