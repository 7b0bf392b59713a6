import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "repeat",
  summary: "A text of so many characters",
  input: v.number(),
  parse: Number,
  run: (length) => "x".repeat(length),
});
