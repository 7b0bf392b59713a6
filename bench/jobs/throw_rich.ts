import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "throw_rich",
  summary: "Throws an error that says much",
  input: v.unknown(),
  run() {
    const error = new RangeError("it is rich", { cause: new Error("the cause") });
    throw Object.assign(error, { code: "RICH", details: { limit: 3 } });
  },
});
