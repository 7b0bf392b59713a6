const MINUS = 0x2d;
const ZERO = 0x30;

/** So many digits always fit 32 bits, in which an engine counts fastest. */
export const MOST_DIGITS = 9;

/**
 * The integer that the bytes from `start` to `end` write in decimal, as `String` writes it, so that
 * it says all that they say; `undefined` for anything else, and for more than nine digits.
 */
export function decodeInteger(bytes: Uint8Array, start: number, end: number): number | undefined {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end <= first || end - first > MOST_DIGITS) return undefined;
  if (bytes[first] === ZERO && end - start > 1) return undefined; // 007, and -0
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}
