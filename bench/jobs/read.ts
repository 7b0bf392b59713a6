import { readFileSync } from "node:fs";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

export default defineJob({
  name: "read",
  summary: "How many characters a file has; it asks for one file alone",
  permissions: { read: ["/etc/hosts"] },
  input: v.string(),
  run: (path) => readFileSync(path, "utf8").length,
});
