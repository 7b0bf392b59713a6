/** A kind of value that a flag or a variable can have. */
export interface ValueKind<T> {
  /** How help writes a value of this kind. */
  readonly placeholder: string;

  /** What a value may be, to end the sentence "it takes ...". */
  readonly allowed: string;

  /** The value that `text` writes, or `undefined` where it writes none. */
  parse(text: string): T | undefined;
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A path of a directory. */
export const directory: ValueKind<string> = {
  placeholder: "DIR",
  allowed: "the path of a directory",
  parse: parsePath,
};

/** A path of a file. */
export const file: ValueKind<string> = {
  placeholder: "FILE",
  allowed: "the path of a file",
  parse: parsePath,
};

/** A whole number in a range, ends included. */
export function count(least: number, most: number): ValueKind<number> {
  return {
    placeholder: "N",
    allowed: `a whole number from ${least} to ${most}`,
    parse: (text) => /^\d+$/.test(text) ? within(Number(text), least, most) : undefined,
  };
}

/** A duration in a range, ends included, as milliseconds. The ends are written as durations. */
export function duration(least: string, most: string): ValueKind<number> {
  const leastMs = parseDuration(least) ?? 0;
  const mostMs = parseDuration(most) ?? Infinity;
  return {
    placeholder: "TIME",
    allowed: `a time from ${least} to ${most}, with its unit, such as 250ms, 10s or 2m`,
    parse: (text) => within(parseDuration(text), leastMs, mostMs),
  };
}

/** The permissions of a file, as `chmod` takes them. */
export const fileMode: ValueKind<number> = {
  placeholder: "MODE",
  allowed: "three octal digits, such as 600 or 0660",
  parse: (text) => /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : undefined,
};

/** How many times a second something may be: with a fraction, if need be. */
export function rate(least: number, most: number): ValueKind<number> {
  return {
    placeholder: "N",
    allowed: `a number from ${least} to ${most}, of times a second`,
    parse: (text) => /^\d+(\.\d+)?$/.test(text) ? within(Number(text), least, most) : undefined,
  };
}

/** One of some words. */
export function choice<const T extends string>(...words: readonly T[]): ValueKind<T> {
  return {
    placeholder: words.join("|"),
    allowed: inWords(words),
    parse: (text) => words.find((word) => word === text),
  };
}

/** Whether something is done. */
export const onOrOff: ValueKind<boolean> = {
  placeholder: "on|off",
  allowed: "on or off",
  parse: (text) => text === "on" ? true : text === "off" ? false : undefined,
};

/** Whether something is done: a flag that says so by being there. */
export const said: ValueKind<boolean> = { ...onOrOff, placeholder: "" };

/** A value of another kind, or a word that stands for one that is only known later. */
export function either<const W extends string, T>(word: W, kind: ValueKind<T>): ValueKind<W | T> {
  return {
    placeholder: kind.placeholder,
    allowed: `${kind.allowed}, or ${word}`,
    parse: (text) => text === word ? word : kind.parse(text),
  };
}

function parsePath(text: string): string | undefined {
  return text === "" || text.includes("\0") ? undefined : text;
}

function parseDuration(text: string): number | undefined {
  const [, digits, unit = ""] = DURATION.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNIT_MS[unit] ?? NaN);
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && least <= value && value <= most ? value : undefined;
}

function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
