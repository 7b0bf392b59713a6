/**
 * How many lines a second come out of a stream of bytes? LineReader, by its synchronous pair and as
 * an async iterator, beside the platform's decoder with @std's TextLineStream, which has no limit.
 * One iteration is 10,000 lines in pieces of 64 KiB.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import { LineReader } from "../src/net/mod.ts";

const LINES = 10_000;
const PIECE_BYTES = 65536;

for (const [group, line] of [["2 bytes", "30\n"], ["80 bytes", `${"x".repeat(79)}\n`]] as const) {
  const bytes = new TextEncoder().encode(line.repeat(LINES));

  Deno.bench(`LineReader, take and fill, ${group}`, { group, baseline: true }, async () => {
    const reader = new LineReader(source(bytes));
    let count = 0;
    do {
      while (reader.take() !== undefined) count++;
    } while (await reader.fill());
    expectAll(count);
  });

  Deno.bench(`LineReader, for await, ${group}`, { group }, async () => {
    let count = 0;
    for await (const _line of new LineReader(source(bytes))) count++;
    expectAll(count);
  });

  Deno.bench(`TextDecoderStream and TextLineStream, ${group}`, { group }, async () => {
    const lines = ReadableStream.from(pieces(bytes))
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    let count = 0;
    for await (const _line of lines) count++;
    expectAll(count);
  });
}

function source(bytes: Uint8Array) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(at, at + Math.min(buffer.length, PIECE_BYTES));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length || null);
    },
  };
}

function* pieces(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
}

function expectAll(count: number): void {
  if (count !== LINES) throw new Error(`Expected ${LINES} lines, got ${count}`);
}
