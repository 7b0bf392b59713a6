/**
 * The house rules, as a plugin of `deno lint`: which way imports run, and where authority may be
 * taken.
 *
 * @module
 */

import { denoOnlyInEnv } from "./deno_only_in_env.ts";
import { importsDownhill } from "./imports_downhill.ts";

const house: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "imports-downhill": importsDownhill,
    "deno-only-in-env": denoOnlyInEnv,
  },
};

export default house;
