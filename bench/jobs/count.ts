import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "count",
  summary: "Counts to n, number by number",
  input: v.number(),
  parse: Number,
  *run(n) {
    for (let i = 1; i <= n; i++) yield i;
  },
});
