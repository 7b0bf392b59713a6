/** Data that crosses every border as it is: what JSON can say. */
export type PlainData =
  | null
  | boolean
  | number
  | string
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

/** An error that crossed a thread. */
export interface ErrorRecord {
  /** The name of its class. */
  readonly name: string;

  /** What it says. */
  readonly message: string;

  /** Where it was thrown, if it tells. */
  readonly stack?: string;

  /** Its own cause, if it has one. */
  readonly cause?: ErrorRecord;

  /** The errors that it joins, if it is an `AggregateError` or like one. */
  readonly errors?: readonly ErrorRecord[];

  /**
   * Its own further members, such as `code` and `status`. What cannot be sent is said in brackets:
   * `[a function, which cannot be sent]`.
   */
  readonly fields?: Readonly<Record<string, PlainData>>;
}

/** How long the texts of one record may be, all together, in UTF-16 units: a reply has a limit. */
const MAX_UNITS = 64 * 1024;

/** How long the name of an error's class may be. */
const MAX_NAME = 200;

/** How many values one record may hold, errors and members alike. */
const MAX_VALUES = 256;

/** How deep errors may lie in errors, and data in data. */
const MAX_DEPTH = 4;

/** The members that a record has names for. */
const NAMED = new Set(["name", "message", "stack", "cause", "errors"]);

/**
 * The parts of an error that can cross a thread, cut where there is too much of them. What is
 * thrown but is no error keeps its text, and its members. It never throws, though each part may be
 * a getter that does.
 */
export function recordError(thrown: unknown): ErrorRecord {
  return new Recorder().error(thrown, 0);
}

/** Makes one record, and counts what has gone into it. */
class Recorder {
  #units = MAX_UNITS;
  #values = MAX_VALUES;

  error(thrown: unknown, depth: number): ErrorRecord {
    if (!Error.isError(thrown)) return this.#other(thrown, depth);
    const name = textOf(() => thrown.name, "Error").slice(0, MAX_NAME);
    const message = this.#text(textOf(() => thrown.message));
    const stack = partOf(() => thrown.stack);
    return {
      name,
      message,
      ...(typeof stack === "string" ? { stack: this.#text(stack) } : {}),
      ...this.#joined(thrown, depth),
      ...this.#fields(thrown, depth),
    };
  }

  /** What is thrown and no error: a text as a rule, and now and then an object with a `code`. */
  #other(thrown: unknown, depth: number): ErrorRecord {
    const message = this.#text(textOf(() => thrown));
    return { name: "Error", message, ...(isObject(thrown) ? this.#fields(thrown, depth) : {}) };
  }

  #joined(error: Error, depth: number): Pick<ErrorRecord, "cause" | "errors"> {
    if (depth >= MAX_DEPTH) return {};
    const cause = partOf(() => error.cause);
    const errors = partOf(() => "errors" in error ? error.errors : undefined);
    return {
      ...(cause === undefined || !this.#takesMore() ? {} : { cause: this.error(cause, depth + 1) }),
      ...(isArray(errors)
        ? { errors: this.#items(errors, (it) => this.error(it, depth + 1)) }
        : {}),
    };
  }

  #fields(owner: object, depth: number): Pick<ErrorRecord, "fields"> {
    const keys = keysOf(owner).filter((key) => !NAMED.has(key));
    if (keys.length === 0) return {};
    return { fields: this.#members(owner, keys, depth) };
  }

  #members(owner: object, keys: readonly string[], depth: number): Record<string, PlainData> {
    const members = this.#items(keys, (key): [string, PlainData] => {
      const value = partOf(() => Reflect.get(owner, key), UNREADABLE);
      return [this.#text(key), this.#value(value, depth + 1)];
    });
    const left = keys.length - members.length;
    return Object.fromEntries(left === 0 ? members : [...members, ["...", moreThan(left)]]);
  }

  #list(list: readonly unknown[], depth: number): PlainData[] {
    const items = this.#items(list, (item) => this.#value(item, depth + 1));
    const left = lengthOf(list) - items.length;
    return left === 0 ? items : [...items, moreThan(left)];
  }

  #value(value: unknown, depth: number): PlainData {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    if (!isObject(value)) return describe(value);
    if (depth > MAX_DEPTH) return "[more, which lies too deep]";
    if (isArray(value)) return this.#list(value, depth);
    if (isPlain(value)) return this.#members(value, keysOf(value), depth);
    if (Error.isError(value)) return this.#text(`${textOf(() => value)}`);
    return describe(value);
  }

  /** Goes through a list as long as there is room. */
  #items<T, U>(list: readonly T[], convert: (item: T) => U): U[] {
    const items: U[] = [];
    const length = lengthOf(list);
    for (let i = 0; i < length && this.#takesMore(); i++) items.push(convert(itemOf(list, i)));
    return items;
  }

  #takesMore(): boolean {
    return this.#values-- > 0 && this.#units > 0;
  }

  #text(text: string): string {
    const cut = text.length > this.#units;
    const taken = cut ? `${text.slice(0, this.#units)}... (cut: ${text.length} characters)` : text;
    this.#units = Math.max(this.#units - text.length, 0);
    return taken;
  }
}

/** What is said in the place of a member whose getter throws. */
const UNREADABLE = Symbol("unreadable");

function describe(value: unknown): string {
  if (value === undefined) return "[undefined]";
  if (value === UNREADABLE) return "[a member that cannot be read]";
  if (typeof value === "bigint") return `[the bigint ${String(value).slice(0, 40)}]`;
  if (value instanceof Date) return textOf(() => value.toISOString(), "[an invalid date]");
  if (typeof value !== "object") return `[a ${typeof value}, which cannot be sent]`;
  const name = textOf(() => Reflect.get(Object(value), "constructor").name, "object");
  return `[a ${name.slice(0, 100)}, which cannot be sent]`;
}

function moreThan(count: number): string {
  return `[${count} more, which are left out]`;
}

function lengthOf(list: readonly unknown[]): number {
  return Number(partOf(() => list.length)) || 0;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** As `Array.isArray`, which throws for a proxy that was revoked. */
function isArray(value: unknown): value is readonly unknown[] {
  return partOf(() => Array.isArray(value)) === true;
}

function isPlain(value: object): boolean {
  const prototype = partOf(() => Object.getPrototypeOf(value));
  return prototype === null || prototype === Object.prototype;
}

function keysOf(owner: object): readonly string[] {
  return partOf(() => Object.keys(owner)) as readonly string[] | undefined ?? [];
}

/** Item `i` of what says that it is a list. */
function itemOf<T>(list: readonly T[], i: number): T {
  return partOf(() => list[i], UNREADABLE) as T;
}

function textOf(part: () => unknown, otherwise = "a value without a text was thrown"): string {
  try {
    return String(part());
  } catch {
    return otherwise;
  }
}

function partOf(part: () => unknown, otherwise?: unknown): unknown {
  try {
    return part();
  } catch {
    return otherwise;
  }
}
