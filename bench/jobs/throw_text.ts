import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "throw_text",
  summary: "Throws what is no error",
  input: v.unknown(),
  run() {
    throw "a text";
  },
});
