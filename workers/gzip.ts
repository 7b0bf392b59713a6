import { gzipSync } from "node:zlib";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { readText } from "./_json_text.ts";

/** The most that is taken, in bytes: a second of work. */
const MAX_BYTES = 32 * 1024 * 1024;

const TOO_LONG = `Expected at most ${MAX_BYTES} bytes`;

export default defineJob({
  name: "gzip",
  summary: "A text as gzip, in base64; bytes give bytes",
  takes: "a text; one of several lines as a JSON string",
  examples: ["hello hello hello", '"two\\nlines"'],
  limits: { deadlineMs: 10_000 },
  pure: true,
  input: v.union([
    v.pipe(v.string(), v.maxBytes(MAX_BYTES, TOO_LONG)),
    v.pipe(v.instance(Uint8Array), v.maxLength(MAX_BYTES, TOO_LONG)),
  ]),
  parse: readText,
  run(input): string | Uint8Array {
    const zipped = gzipSync(input);
    return typeof input === "string" ? zipped.toString("base64") : new Uint8Array(zipped);
  },
});
