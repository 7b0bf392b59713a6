import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "progress",
  summary: "Tells three times how far it is",
  input: v.any(),
  run(_, { progress }) {
    for (let done = 1; done <= 3; done++) progress(done, 3);
  },
});
