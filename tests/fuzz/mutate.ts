import type { Random } from "../../src/mod.ts";
import { DICTIONARY } from "./transcripts.ts";

/** Lines longer than the readers under test take, which is little, so that many are. */
const LONG = 700;

const encoder = new TextEncoder();
const WORDS = DICTIONARY.map((word) => encoder.encode(word));

/** A change of some bytes, which may make use of other lines. */
type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const flipped = bytes.slice();
    const at = random.below(bytes.length);
    if (at < flipped.length) flipped[at]! ^= 1 << random.below(8);
    return flipped;
  },
  (bytes, random) => insert(bytes, random, WORDS[random.below(WORDS.length)]!),
  (bytes, random) => insert(bytes, random, noise(random, 1 + random.below(8))),
  (bytes, random) => replace(bytes, random, new Uint8Array()),
  (bytes, random) => replace(bytes, random, WORDS[random.below(WORDS.length)]!),
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random, others) =>
    insert(bytes, random, part(others[random.below(others.length)]!, random)),
  (bytes, random) => insert(bytes, random, part(bytes, random)),
  (bytes, random) =>
    insert(bytes, random, new Uint8Array(random.below(LONG)).fill(random.below(128))),
];

/** A line of a transcript, as it is or changed in a few places, or bytes of no meaning. */
export function mutatedLine(random: Random, lines: readonly Uint8Array[]): Uint8Array {
  if (random.below(20) === 0) return noise(random, random.below(64));
  let line = lines[random.below(lines.length)]!;
  for (let left = random.below(4); left > 0; left--) {
    line = MUTATIONS[random.below(MUTATIONS.length)]!(line, random, lines);
  }
  return line;
}

/** Many lines as the bytes of one client. The last one may have no end. */
export function mutatedStream(
  random: Random,
  count: number,
  lines: readonly Uint8Array[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    parts.push(mutatedLine(random, lines));
    if (i < count - 1 || random.below(2) === 0) parts.push(lineEnd(random));
  }
  return join(...parts);
}

/** The bytes one after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function lineEnd(random: Random): Uint8Array {
  return encoder.encode(random.below(4) === 0 ? "\r\n" : "\n");
}

function noise(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function part(bytes: Uint8Array, random: Random): Uint8Array {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + random.below(bytes.length - start + 1));
}

function insert(bytes: Uint8Array, random: Random, inserted: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), inserted, bytes.subarray(at));
}

function replace(bytes: Uint8Array, random: Random, replacement: Uint8Array): Uint8Array {
  const start = random.below(bytes.length + 1);
  const end = start + random.below(bytes.length - start + 1);
  return join(bytes.subarray(0, start), replacement, bytes.subarray(end));
}
