import { createHash } from "node:crypto";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

const ALGORITHMS = [
  ...["sha256", "sha512", "sha384", "sha224", "sha3-256", "sha3-512"],
  ...["blake2b512", "blake2s256", "sha1", "md5"],
] as const;

/** How much is hashed before it looks whether it shall stop, in bytes. */
const CHUNK = 1 << 20;

export default defineJob({
  name: "hash",
  summary: "The hash of a text, or of bytes, in hex: sha256, sha512, sha3, blake2, md5 and others",
  takes: "an algorithm, a blank, and a text",
  examples: ["sha256 hello", "blake2b512 hello", "md5 hello"],
  limits: { deadlineMs: 30_000 },
  pure: true,
  input: v.object({
    algorithm: v.picklist(ALGORITHMS, `Expected one of ${ALGORITHMS.join(", ")}`),
    data: v.union([v.string(), v.instance(Uint8Array)], "Expected a text or bytes"),
  }),
  parse(text) {
    const blank = text.indexOf(" ");
    if (blank < 0) return { algorithm: text, data: "" };
    return { algorithm: text.slice(0, blank), data: text.slice(blank + 1) };
  },
  run({ algorithm, data }, { check }) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const hash = createHash(algorithm);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      check();
      hash.update(bytes.subarray(at, at + CHUNK));
    }
    return hash.digest("hex");
  },
});
