import { denoClock } from "./deno_clock.ts";
import { denoRandom, denoSecureRandom } from "./deno_random.ts";
import type { Env } from "./env.ts";

/** What of the machine every job holds, for it needs no permission. A lane loads no more at its start. */
export function denoLaneMachine(): Pick<Env, "clock" | "random" | "secureRandom"> {
  return { clock: denoClock(), random: denoRandom(), secureRandom: denoSecureRandom() };
}
