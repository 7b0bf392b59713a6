import { nearest } from "./protocol/mod.ts";

/** The configuration is wrong. The message is the sentence for the operator. */
export class ConfigError extends Error {
  /** The name of the class. */
  override readonly name: string = "ConfigError";
}

/** The error for a name that is none of those that are known, with the one that was meant. */
export function unknownName(
  what: string,
  name: string,
  known: readonly string[],
  otherwise: string,
): ConfigError {
  const near = nearest(name, known);
  const remedy = near === undefined ? otherwise : `did you mean ${near}?`;
  return new ConfigError(`Cannot use ${name}: there is no such ${what}; ${remedy}`);
}
