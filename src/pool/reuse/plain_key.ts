import type { JobInput, JsonInput } from "../link/mod.ts";

/** How deep a value may be nested that has a key. */
const MAX_DEPTH = 32;

/**
 * A text that two inputs have in common only if they are the same: the same text or
 * JSON, or equal plain data, with the members of objects in the same order. `undefined` for what is no
 * plain data (a `Map`, bytes, a member that is missing from an array), and where the text would be
 * longer than `maxLength` UTF-16 units.
 */
export function plainKey(input: JobInput, maxLength: number): string | undefined {
  if (typeof input === "number") return plainKey(String(input), maxLength);
  if (typeof input === "string") return input.length < maxLength ? `t${input}` : undefined;
  if ("json" in input) return jsonKey(input, maxLength);
  const writer = new KeyWriter(maxLength - 1);
  return writer.write(input.value, 0) ? `v${writer.text}` : undefined;
}

function jsonKey({ json, bigints }: JsonInput, maxLength: number): string | undefined {
  const key = `j${bigints ?? ""} ${json}`;
  return key.length <= maxLength ? key : undefined;
}

/** Writes a value as JSON would, and what JSON leaves out as well. */
class KeyWriter {
  text = "";
  readonly #maxLength: number;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Writes a value. False: it has no key. */
  write(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case "string":
        return value.length <= this.#maxLength && this.#add(JSON.stringify(value));
      case "number":
        return this.#add(Object.is(value, -0) ? "-0" : String(value));
      case "bigint":
        return this.#add(`${value}n`);
      case "boolean":
      case "undefined":
        return this.#add(String(value));
      case "object":
        return value === null ? this.#add("null") : this.#writeObject(value, depth + 1);
      default:
        return false;
    }
  }

  #writeObject(value: object, depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.#writeMembers(value, depth);
    }
    return prototype === Array.prototype && Array.isArray(value) && this.#writeList(value, depth);
  }

  #writeMembers(value: object, depth: number): boolean {
    const members = Object.entries(value);
    return this.#add("{") &&
      members.every(([name, member]) =>
        this.#add(`${JSON.stringify(name)}:`) && this.write(member, depth) && this.#add(",")
      ) && this.#add("}");
  }

  #writeList(value: readonly unknown[], depth: number): boolean {
    // More or fewer keys than items: it has members of its own, or lacks some.
    if (Object.keys(value).length !== value.length || !this.#add("[")) return false;
    return value.every((item) => this.write(item, depth) && this.#add(",")) && this.#add("]");
  }

  #add(text: string): boolean {
    this.text += text;
    return this.text.length <= this.#maxLength;
  }
}
