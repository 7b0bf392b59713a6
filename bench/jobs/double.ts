import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "double",
  summary: "Twice the number",
  input: v.number(),
  run: (number) => number * 2,
});
