const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The sources of the items of an array, or of the members of an object, as they stand in `text`,
 * which must be valid JSON. To take a text apart and put parts of it together again keeps every
 * digit of every number, and costs less than to read it into values and write these.
 */
export function itemSources(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (isOpening(code)) {
      if (depth++ === 0) start = i + 1;
    } else if (isClosing(code) ? --depth === 0 : code === COMMA && depth === 1) {
      items.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return items.length === 1 && items[0] === "" ? [] : items;
}

/**
 * The sources of an object's values by their names, as they stand in `text`, which must be valid
 * JSON. Of two members with one name the later counts, as everywhere.
 */
export function memberSources(text: string): Map<string, string> {
  return new Map(
    itemSources(text).map((member): [string, string] => {
      const end = endOfString(member, 0) + 1;
      const name: string = JSON.parse(member.slice(0, end));
      return [name, member.slice(member.indexOf(":", end) + 1).trim()];
    }),
  );
}

/**
 * Whether arrays and objects stand more than `most` deep in each other in `text`, which need not be
 * valid. Ask before it is parsed: what is deep is slow to read, and overflows the stack of whoever
 * walks it.
 */
export function isDeeperThan(most: number, text: string): boolean {
  if (text.length <= 2 * most) return false; // each level takes two characters
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (isOpening(code) && ++depth > most) return true;
    else if (isClosing(code)) depth--;
  }
  return false;
}

/** Where the string that begins at `start` ends: its quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function isOpening(code: number): boolean {
  return code === OPEN_BRACE || code === OPEN_BRACKET;
}

function isClosing(code: number): boolean {
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}
