import { setTimeout } from "node:timers/promises";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

/** The longest sleep, in milliseconds: a day. A deadline ends most of them before. */
const MAX_MS = 86_400_000;

export default defineJob({
  name: "sleep",
  summary: "Waits so many milliseconds, without burning CPU, and says how many",
  takes: "milliseconds",
  examples: ["100"],
  concurrency: 50,
  input: v.pipe(v.number("Expected milliseconds"), v.minValue(0), v.maxValue(MAX_MS)),
  parse(text) {
    if (!/^\s*\d+(\.\d+)?\s*$/.test(text)) throw new SyntaxError("Expected milliseconds");
    return Number(text);
  },
  run: (ms, { signal }) => setTimeout(ms, ms, { signal }),
});
