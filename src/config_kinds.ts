import type { Address } from "./env/mod.ts";

/** A kind of value that a flag or a variable can have. */
export interface ValueKind<T> {
  /** How help writes a value of this kind. */
  readonly placeholder: string;

  /** What a value may be, to end the sentence "it takes ...". */
  readonly allowed: string;

  /** The value that `text` writes, or `undefined` where it writes none. */
  parse(text: string): T | undefined;
}

const LOOPBACK = "127.0.0.1";
const HOST_AND_PORT = /^(?:\[([\da-f:.]+)\]|([\w.-]*)):(\d{1,5})$/i;
const MAX_PORT = 65_535;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** An address to listen on. A port alone is one of this machine only. */
export const address: ValueKind<Address> = {
  placeholder: "ADDRESS",
  allowed: "host:port, [ipv6]:port, :port (of this machine only) or unix:/path",
  parse: (text) => text.startsWith("unix:") ? parseUnix(text) : parseTcp(text),
};

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

/** A value of another kind, or a word that stands for one that is only known later. */
export function either<const W extends string, T>(word: W, kind: ValueKind<T>): ValueKind<W | T> {
  return {
    placeholder: kind.placeholder,
    allowed: `${kind.allowed}, or ${word}`,
    parse: (text) => text === word ? word : kind.parse(text),
  };
}

/** Whether only this machine can reach `address`. */
export function isLoopback(address: Address): boolean {
  if (address.transport === "unix") return true;
  const { hostname } = address;
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function parsePath(text: string): string | undefined {
  return text === "" || text.includes("\0") ? undefined : text;
}

function parseUnix(text: string): Address | undefined {
  const path = text.slice("unix:".length);
  return path === "" || path.includes("\0") ? undefined : { transport: "unix", path };
}

function parseTcp(text: string): Address | undefined {
  const match = HOST_AND_PORT.exec(text);
  if (match === null) return undefined;
  const [, ipv6, host, digits] = match;
  const port = within(Number(digits), 0, MAX_PORT);
  const hostname = ipv6 ?? (host || LOOPBACK);
  return port === undefined ? undefined : { transport: "tcp", hostname, port };
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
