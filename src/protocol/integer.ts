/**
 * The integers of a number line: OCaml's `int_of_string` on a 63-bit machine, to the byte.
 *
 * A sign or none, then decimal digits, or `0x`, `0o`, `0b`, `0u` (in any case) and digits; `_` may
 * stand anywhere after the first digit. Decimals range over -2^62 .. 2^62-1. The prefixed forms
 * range over 0 .. 2^63-1 before their sign, and wrap: `0x7fffffffffffffff` is -1.
 *
 * This file imports nothing, so that a lane can load it alone.
 *
 * @module
 */

const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** So many decimal digits always fit 62 bits: such a line needs no arithmetic to be believed. */
const DIGITS_IN_RANGE = 18;

/** So many decimal digits always fit a double without loss. */
const DIGITS_IN_DOUBLE = 15;

const BITS = 63;
const UNSIGNED_END = 1n << BigInt(BITS);
const SIGNED_END = 1n << BigInt(BITS - 1);

const SIGN_AND_PREFIX = /^([+-]?)(0[xobu])?/i;

/** What may follow each prefix. */
const DIGITS: Readonly<Record<string, RegExp>> = {
  "": /^\d[\d_]*$/,
  "0x": /^[\da-f][\da-f_]*$/i,
  "0o": /^[0-7][0-7_]*$/,
  "0b": /^[01][01_]*$/,
  "0u": /^\d[\d_]*$/,
};

/** An integer taken apart. */
interface Parts {
  readonly negative: boolean;
  /** A key of {@linkcode DIGITS}: empty for a plain decimal. */
  readonly prefix: string;
  /** Without `_` and without zeros in front, but never empty; cut where there are too many. */
  readonly digits: string;
}

/**
 * The integer that `text` writes, or `undefined` where it writes none. It is a number where a
 * double holds it exactly, else a bigint.
 *
 * @example
 * ```ts
 * import { parseInteger } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseInteger("30"), 30);
 * assertEquals(parseInteger("-0b1_0"), -2);
 * assertEquals(parseInteger("4611686018427387903"), 4611686018427387903n);
 * assertEquals(parseInteger("4611686018427387904"), undefined);
 * assertEquals(parseInteger(" 30"), undefined);
 * ```
 */
export function parseInteger(text: string): bigint | number | undefined {
  if (isPlain(text, DIGITS_IN_DOUBLE)) return Number(text) + 0; // + 0: "-0" is 0
  const parts = takeApart(text);
  return parts === undefined ? undefined : narrow(evaluate(parts));
}

/** Whether {@linkcode parseInteger} finds an integer in `text`. Short decimals cost one scan. */
export function isInteger(text: string): boolean {
  if (isPlain(text, DIGITS_IN_RANGE)) return true;
  const parts = takeApart(text);
  return parts !== undefined && evaluate(parts) !== undefined;
}

/** Whether `text` is a sign or none, and from one to `maxDigits` decimal digits. */
function isPlain(text: string, maxDigits: number): boolean {
  const first = text.charCodeAt(0);
  const start = first === MINUS || first === PLUS ? 1 : 0;
  const count = text.length - start;
  if (count < 1 || count > maxDigits) return false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

function takeApart(text: string): Parts | undefined {
  if (text.charCodeAt(0) > NINE) return undefined; // a word: most lines that are no integer
  const [start = "", sign, anyCasePrefix = ""] = SIGN_AND_PREFIX.exec(text) ?? [];
  const prefix = anyCasePrefix.toLowerCase();
  const digits = text.slice(start.length);
  if (!DIGITS[prefix]?.test(digits)) return undefined;
  return { negative: sign === "-", prefix, digits: significant(digits) };
}

/**
 * Digits without `_` and without zeros in front. A line may hold many thousands, but no legal one
 * has more than there are bits: it stops after one more.
 */
function significant(digits: string): string {
  let result = "";
  for (const digit of digits) {
    if (digit === "_" || (digit === "0" && result === "")) continue;
    result += digit;
    if (result.length > BITS) break;
  }
  return result || "0";
}

function evaluate({ negative, prefix, digits }: Parts): bigint | undefined {
  if (digits.length > BITS) return undefined;
  const magnitude = BigInt((prefix === "0u" ? "" : prefix) + digits);
  const value = negative ? -magnitude : magnitude;
  if (prefix !== "") return magnitude < UNSIGNED_END ? BigInt.asIntN(BITS, value) : undefined;
  return -SIGNED_END <= value && value < SIGNED_END ? value : undefined;
}

function narrow(value: bigint | undefined): bigint | number | undefined {
  if (value === undefined) return undefined;
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : value;
}
