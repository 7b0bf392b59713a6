import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "variable",
  summary: "Reads a variable of the environment, and asks for no permission to do so",
  input: v.string(),
  run: (name) => Deno.env.get(name),
});
