import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "sleep",
  summary: "Waits so many milliseconds, unless it is told to stop",
  input: v.number(),
  parse: Number,
  run: (ms, { signal }) =>
    new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => resolve(ms), ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
});
