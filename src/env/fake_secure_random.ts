import { type SecureRandom, seededRandom } from "./random.ts";

/** Secrets for tests, which are the same for the same seed: not secret at all. */
export function fakeSecureRandom(seed: number = 1): SecureRandom {
  const random = seededRandom(seed);
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));
  return { bytes, uuid: () => formatUuid(bytes(16)) };
}

function formatUuid(bytes: Uint8Array): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40; // version 4
  bytes[8] = (bytes[8]! & 0x3f) | 0x80; // the usual variant
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
