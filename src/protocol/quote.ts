import { Buffer } from "node:buffer";

const DOUBLE_QUOTE = 0x22;

/** The one control character that JSON does not escape. */
const DEL = "\x7f";

/** What most texts are made of: it stands on a line as it is. */
const PRINTABLE = /[ -~]*/y;

/** From so many characters on, a regular expression finds the end of those sooner than a loop. */
const LONG = 64;

/** From so many on, the engine's own scans, several of them, are sooner done than that: a quarter. */
const VERY_LONG = 1024;

/**
 * `text` as it stands on one line: as it is, or as a JSON string where it would not come back from
 * there. That is where it begins with a double quote, or holds a line end, another control
 * character, or half a surrogate pair (which UTF-8 cannot say).
 */
export function quoteIfNeeded(text: string): string {
  return isPlain(text) ? text : quote(text);
}

/** `text` as a JSON string that holds no control character, whatever `text` holds. */
export function quote(text: string): string {
  // JSON.stringify() lets DEL, the C1 controls and Unicode's own line ends pass.
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029]/g, escapeCode);
}

/** The text that {@linkcode quote} or {@linkcode quoteIfNeeded} wrote. */
export function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch (error) {
    // A server that does not quote may send a text that begins so: take it as it is.
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** One scan, of short texts without a regular expression: each result of each job passes here. */
function isPlain(text: string): boolean {
  if (text.charCodeAt(0) === DOUBLE_QUOTE) return false;
  if (text.length >= VERY_LONG && isPrintable(text)) return true;
  let hasSurrogates = false;
  for (let i = text.length < LONG ? 0 : lengthOfPrintable(text); i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20) return false;
    if (code < 0x7f) continue;
    if (code < 0xa0 || code === 0x2028 || code === 0x2029) return false;
    if (0xd800 <= code && code < 0xe000) hasSurrogates = true;
  }
  return !hasSurrogates || text.isWellFormed();
}

/**
 * Whether all of it is printable ASCII; false also where it holds quotes or backslashes, as JSON does:
 * to have these escaped only to see whether there is more would cost more than the scan.
 */
function isPrintable(text: string): boolean {
  if (text.includes('"') || text.includes("\\") || text.includes(DEL)) return false;
  return Buffer.byteLength(text) === text.length &&
    JSON.stringify(text).length === text.length + '""'.length;
}

/** How many characters there are before the first that is no printable ASCII. */
function lengthOfPrintable(text: string): number {
  PRINTABLE.lastIndex = 0;
  PRINTABLE.test(text);
  return PRINTABLE.lastIndex;
}

function escapeCode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
