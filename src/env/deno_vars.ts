import type { Vars } from "./vars.ts";

/** The environment variables of the process. */
export function denoVars(): Vars {
  return {
    get: (name) => Deno.env.get(name),
    names: (prefix) =>
      Object.keys(Deno.env.toObject()).filter((name) => name.startsWith(prefix)).sort(),
  };
}
