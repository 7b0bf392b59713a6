import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "closure",
  summary: "Returns what is no data",
  input: v.unknown(),
  run: () => () => "code is no data",
});
