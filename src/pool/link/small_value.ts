import { SLOT_TEXT } from "./slots.ts";

/** The most objects and arrays of a value that is worth to be looked through. */
const MAX_OBJECTS = 16;

/**
 * A value as a text for a slot, if `unpackValue` makes exactly of it what a structured clone would;
 * else `undefined`: then it goes as a message, at ten times the cost. It never throws, though a
 * member may be a getter that does.
 */
export function packValue(value: unknown): string | undefined {
  if (value === undefined) return "";
  if (typeof value === "number") return isJsonNumber(value) ? String(value) : undefined;
  try {
    return isJson(value, []) ? JSON.stringify(value) : undefined;
  } catch {
    return undefined; // the clone will say it better
  }
}

/** The value of a text that `packValue` has made. Any other is given as it is. */
export function unpackValue(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether JSON loses nothing of it. Large values are none, so that none is looked through. */
function isJson(value: unknown, seen: object[]): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= SLOT_TEXT;
    case "number":
      return isJsonNumber(value);
    case "boolean":
      return true;
    case "object":
      return value === null || isPlain(value, seen);
    default:
      return false;
  }
}

/** JSON has no NaN, no infinity and no minus zero. */
function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/** Whether it is a plain object or array of such, met for the first time: JSON makes two of one. */
function isPlain(value: object, seen: object[]): boolean {
  if (seen.length === MAX_OBJECTS || seen.includes(value)) return false;
  seen.push(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value)) {
    return prototype === Object.prototype &&
      Object.values(value).every((member) => isJson(member, seen));
  }
  if (prototype !== Array.prototype || value.length > SLOT_TEXT / 2) return false;
  // A hole, or a member beside the items, is no JSON.
  return Object.keys(value).length === value.length && value.every((item) => isJson(item, seen));
}
