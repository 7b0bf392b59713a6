import { seededRandom } from "../../src/mod.ts";
import type { Stream } from "./judge_stream.ts";
import { join, mutatedStream } from "./mutate.ts";
import { transcripts } from "./transcripts.ts";

/** So many lines at most are one client's. */
const MOST_LINES = 64;

/** Streams without end, the same for the same seed, with how many lines went into each. */
export async function* mutatedStreams(seed: number): AsyncGenerator<[Stream, lines: number]> {
  const encoder = new TextEncoder();
  const lines = (await transcripts()).map((line) => encoder.encode(line));
  for (let own = seed;; own++) {
    const random = seededRandom(own);
    const count = 1 + random.below(MOST_LINES);
    yield [{ seed: own, bytes: mutatedStream(random, count, lines) }, count];
  }
}

/** The shortest part of a stream, part by part,
 * on which it still fails. */
export async function shrink(
  stream: Stream,
  fails: (stream: Stream) => Promise<boolean>,
): Promise<Stream> {
  let bytes = stream.bytes;
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < bytes.length;) {
      const less = join(bytes.subarray(0, at), bytes.subarray(at + size));
      if (await fails({ ...stream, bytes: less })) bytes = less;
      else at += size;
    }
  }
  return { ...stream, bytes };
}
