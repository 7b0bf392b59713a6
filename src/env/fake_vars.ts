import type { Vars } from "./vars.ts";

/** Environment variables from an object. */
export function fakeVars(values: Readonly<Record<string, string>> = {}): Vars {
  return {
    get: (name) => Object.hasOwn(values, name) ? values[name] : undefined,
    names: (prefix) => Object.keys(values).filter((name) => name.startsWith(prefix)).sort(),
  };
}
