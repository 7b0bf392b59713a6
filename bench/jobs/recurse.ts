import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "recurse",
  summary: "Calls itself for ever",
  input: v.unknown(),
  run: () => deeper(0),
});

function deeper(depth: number): number {
  return deeper(depth + 1) + 1;
}
