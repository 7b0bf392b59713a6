import type { Random } from "./random.ts";

/** Random numbers of the platform; `bytes` and `uuid` cannot be guessed. */
export function denoRandom(): Random {
  return {
    next: () => Math.random(),
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    uuid: () => crypto.randomUUID(),
  };
}
