import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

const kept: unknown[] = [];

export default defineJob({
  name: "allocate",
  summary: "Takes memory until there is no more",
  input: v.unknown(),
  run() {
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  },
});
