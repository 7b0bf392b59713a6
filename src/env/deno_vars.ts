import type { Vars } from "./vars.ts";

/** The environment variables of the process, all or those that are `granted`. */
export function denoVars(granted: true | readonly string[] = true): Vars {
  const names = () =>
    granted === true
      ? Object.keys(Deno.env.toObject()) // which needs the permission for all
      : granted.filter((name) => Deno.env.get(name) !== undefined);
  return {
    get: (name) => Deno.env.get(name),
    names: (prefix) => names().filter((name) => name.startsWith(prefix)).sort(),
  };
}
