import { gunzipSync } from "node:zlib";
import { defineJob } from "@switchyard/switchyard/job";
import * as v from "valibot";

/** The most that comes out, in bytes: a few kilobytes of gzip may stand for gigabytes. */
const MAX_BYTES = 32 * 1024 * 1024;

export default defineJob({
  name: "gunzip",
  summary: "What gzip in base64 stands for, as text; bytes give bytes",
  takes: "gzip in base64",
  examples: ["H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="],
  limits: { deadlineMs: 10_000 },
  pure: true,
  input: v.union([
    v.pipe(v.string(), v.base64("Expected base64")),
    v.instance(Uint8Array),
  ], "Expected gzip, as base64 or as bytes"),
  parse: (text) => text.trim(),
  run(input) {
    if (typeof input !== "string") return gunzip(input);
    return toText(gunzip(Uint8Array.fromBase64(input)));
  },
});

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_BYTES }));
  } catch (cause) {
    throw explain(cause);
  }
}

function explain(cause: unknown): Error {
  if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") {
    const message = `Cannot unzip: more than ${MAX_BYTES} bytes would come out, which is the limit`;
    return new RangeError(message, { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SyntaxError(`Cannot unzip: it is no gzip, or a part of one (${why})`, { cause });
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = "Cannot show what came out: it is not UTF-8. Submit bytes to get bytes";
    throw new TypeError(message, { cause });
  }
}
