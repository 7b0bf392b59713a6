import { Buffer } from "node:buffer";
import process from "node:process";

/**
 * The SHA-256 of a token, as 64 hexadecimal digits: what a configuration holds in its place. It is
 * fast to compute, so a token must be long and random, as `openssl rand -hex 32` makes it.
 *
 * @example
 * ```ts
 * import { hashToken } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hashToken("secret").slice(0, 16), "2bb80d537b1da3e3");
 * ```
 */
export function hashToken(token: string): string {
  return crypto().createHash("sha256").update(token).digest("hex");
}

/** Whether `text` can be what {@linkcode hashToken} made. */
export function isTokenHash(text: string): boolean {
  return /^[\da-f]{64}$/.test(text);
}

/** Compares two hashes, in a time that does not tell where they differ. */
export function isSameHash(a: string, b: string): boolean {
  return crypto().timingSafeEqual(Buffer.from(a, "hex"), Buffer.from(b, "hex"));
}

/** Loaded when it is wanted: it takes as long as a tenth of a server's start, and most ask no tokens. */
function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
