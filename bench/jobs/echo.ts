import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "echo",
  summary: "The value that it was given",
  input: v.unknown(),
  run: (value) => value,
});
