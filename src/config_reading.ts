import { ConfigError, unknownName } from "./config_error.ts";

/** One place in the file: it says what is wrong there. */
export class Reading {
  readonly #what: string;
  readonly #path: string;

  constructor(what: string, path: string) {
    this.#what = what;
    this.#path = path;
  }

  member(key: string): Reading {
    return new Reading(`"${key}" of ${this.#what}`, this.#path);
  }

  /** An object with no other keys than these. */
  record(value: unknown, keys?: readonly string[]): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ConfigError(`Cannot use ${this.#what} in ${this.#path}: it must be an object`);
    }
    const stranger = Object.keys(value).find((key) => keys?.includes(key) === false);
    if (stranger === undefined) return { ...value };
    const where = `key of ${this.#what} in ${this.#path}`;
    throw unknownName(where, stranger, keys!, `there are ${keys!.join(", ")}`);
  }

  /** The value, if it is what it must be. */
  check(key: string, value: unknown, isRight: boolean, must: string): unknown {
    if (isRight) return value;
    throw this.refusal(key, `${must}, got ${JSON.stringify(value)}`);
  }

  /** The error for a member that is not what it must be, without a word of what it is: a secret. */
  refusal(key: string, must: string): ConfigError {
    return new ConfigError(
      `Cannot use "${key}" of ${this.#what} in ${this.#path}: it takes ${must}`,
    );
  }
}
