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
  return digestOf(token).toString("hex");
}

/** The same as bytes. */
export function digestOf(token: string): Buffer {
  return crypto().createHash("sha256").update(token).digest();
}

/** Whether `text` can be what {@linkcode hashToken} made. */
export function isTokenHash(text: string): boolean {
  return /^[\da-f]{64}$/.test(text);
}

/** The bytes that a hash in hexadecimal digits says. */
export function digestFrom(hash: string): Buffer {
  return Buffer.from(hash, "hex");
}

/** Compares two of them, in a time that does not tell where they differ. */
export function isSameDigest(a: Buffer, b: Buffer): boolean {
  return crypto().timingSafeEqual(a, b);
}

/** Loaded when it is wanted: it takes as long as a tenth of a server's start, and most ask no tokens. */
function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
