/**
 * JSON with all the digits of its integers. On the server it is read and written in the lane, so
 * that what is large costs the one who asked for it.
 *
 * @module
 */

/** What was added to `JSON` since the types of the platform were written. */
interface ModernJson {
  parse(text: string, reviver?: (key: string, value: unknown, context: Source) => unknown): unknown;
  stringify(
    value: unknown,
    replacer?: (key: string, value: unknown) => unknown,
  ): string | undefined;
  rawJSON(text: string): unknown;
}

interface Source {
  /** What stands in the text, for a value that is no array and no object. */
  readonly source?: string;
}

// Taken before a job's code is loaded, which may change them.
const { parse, stringify, rawJSON } = JSON as unknown as ModernJson;

/** So many digits in a row may be more than a double holds. */
const MANY_DIGITS = /\d{16}/;

const INTEGER = /^-?\d+$/;

/**
 * The value that `text` is. An integer beyond what a number holds exactly is a bigint, where it is
 * written in digits alone.
 */
export function parseJson(text: string): unknown {
  return MANY_DIGITS.test(text) ? parse(text, reviveInteger) : parse(text);
}

/**
 * `value` as JSON. No value is `null`; a bigint is a string with all its digits, or a number where
 * `bigints` says so. Throws a TypeError for what is no data.
 */
export function formatJson(value: unknown, bigints: "string" | "number" = "string"): string {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(`Cannot write this as JSON: it is a ${typeof value}`);
  }
  try {
    return stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return formatBigints(value, bigints); // at four times the cost; throws again for a cycle
  }
}

function formatBigints(value: unknown, bigints: "string" | "number"): string {
  const format = bigints === "number" ? rawJSON : String;
  const replace = (_key: string, item: unknown) =>
    typeof item === "bigint" ? format(String(item)) : item;
  return stringify(value, replace) ?? "null";
}

function reviveInteger(_key: string, value: unknown, { source }: Source): unknown {
  const isInexact = typeof value === "number" && !Number.isSafeInteger(value);
  return isInexact && source !== undefined && INTEGER.test(source) ? BigInt(source) : value;
}
