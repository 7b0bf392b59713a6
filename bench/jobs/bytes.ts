import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "bytes",
  summary: "How many bytes a buffer has",
  input: v.instance(ArrayBuffer),
  run: (buffer) => buffer.byteLength,
});
