import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "stray",
  summary: "Replies, and leaves a promise behind that is rejected later",
  input: v.unknown(),
  run() {
    setTimeout(() => void Promise.reject(new Error("rejected later")), 10);
    return "replied";
  },
});
