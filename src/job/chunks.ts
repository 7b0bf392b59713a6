import type { Checked, InputSchema } from "./input_schema.ts";
import { validate } from "./validate.ts";

/** A stream that goes into a job, chunk by chunk. A `ReadableStream` is one, and so is an array. */
export type Chunks<Chunk> = AsyncIterable<Chunk> | Iterable<Chunk>;

/**
 * The schema of an input that is a stream: each chunk is one that `chunk` accepts. The job iterates
 * over it, which pulls the chunks from the submitter as fast as they are used, and no faster.
 *
 * A chunk that is refused ends the job as `invalid`; a source that fails fails the iteration.
 *
 * @example
 * ```ts
 * import { chunks, defineJob } from "@switchyard/switchyard/job";
 * import { createHash } from "node:crypto";
 * import * as v from "valibot";
 *
 * const sha256 = defineJob({
 *   name: "sha256-stream",
 *   summary: "SHA-256 of a stream of bytes, in hex",
 *   input: chunks(v.instance(Uint8Array)),
 *   parse: (text) => [new TextEncoder().encode(text)],
 *   async run(bytes) {
 *     const hash = createHash("sha256");
 *     for await (const chunk of bytes) hash.update(chunk);
 *     return hash.digest("hex");
 *   },
 * });
 * ```
 */
export function chunks<Chunk, Given>(
  chunk: InputSchema<Chunk, Given>,
): InputSchema<AsyncIterable<Chunk>, Chunks<Given>> {
  return {
    "~standard": {
      version: 1,
      vendor: "switchyard",
      validate: (value): Checked<AsyncIterable<Chunk>> =>
        isChunks(value) ? { value: checked(value, chunk) } : {
          issues: [{ message: `Expected a stream, got ${value === null ? "null" : typeof value}` }],
        },
    },
  };
}

/** Whether a value goes into a job chunk by chunk. Arrays and texts go in one piece. */
export function isAsyncChunks(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function isChunks(value: unknown): value is Chunks<unknown> {
  return isAsyncChunks(value) ||
    (typeof value === "object" && value !== null && Symbol.iterator in value);
}

async function* checked<Chunk>(
  source: Chunks<unknown>,
  schema: InputSchema<Chunk>,
): AsyncGenerator<Chunk, void, void> {
  for await (const value of source) yield await validate(schema, value);
}
