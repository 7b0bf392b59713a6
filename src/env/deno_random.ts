import { type Random, type SecureRandom, seededRandom } from "./random.ts";

/** Random numbers that begin anywhere. */
export function denoRandom(): Random {
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  return seededRandom(seed!);
}

/** What the platform draws for secrets. */
export function denoSecureRandom(): SecureRandom {
  return {
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    uuid: () => crypto.randomUUID(),
  };
}
