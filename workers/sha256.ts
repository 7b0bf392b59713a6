import { createHash } from "node:crypto";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "sha256",
  summary: "SHA-256 of the text, in hex",
  pure: true,
  takes: "any text",
  examples: ["hello"],
  limits: { deadlineMs: 5_000 },
  input: v.string(),
  run: (text) => createHash("sha256").update(text).digest("hex"),
});
