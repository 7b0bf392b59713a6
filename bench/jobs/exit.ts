import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "exit",
  summary: "Tries to end the process",
  input: v.unknown(),
  run: () => Deno.exit(7),
});
