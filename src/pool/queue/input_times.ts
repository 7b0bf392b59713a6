import type { JobInput } from "../link/mod.ts";
import type { JobRequest } from "../job_request.ts";

/** How long an input is remembered that has so many UTF-16 units: longer ones seldom come again. */
const MAX_UNITS = 64;

/** How many inputs are remembered; the oldest are forgotten first. */
const MAX_INPUTS = 1_024;

/**
 * What runs on the same input took: a hint for who sends it first, of whom nothing else is known. It
 * is asked for and told of such requests alone, and stays off the way of all others.
 */
export class InputTimes {
  readonly #ms = new Map<string, number>();

  /** How long the last run on this input took, in milliseconds, as far as is remembered. */
  expectedMs(request: JobRequest): number | undefined {
    const key = keyOf(request);
    return key === undefined ? undefined : this.#ms.get(key);
  }

  /** Learns how long a run took, or has taken so far. */
  learn(request: JobRequest, ms: number): void {
    const key = keyOf(request);
    if (key === undefined) return;
    this.#ms.delete(key);
    this.#ms.set(key, ms);
    if (this.#ms.size <= MAX_INPUTS) return;
    for (const oldest of this.#ms.keys()) return void this.#ms.delete(oldest);
  }
}

/** The job and its text; `undefined` where the input is no short text. */
function keyOf({ job, input }: JobRequest): string | undefined {
  const text = textOf(input);
  return text === undefined || text.length > MAX_UNITS ? undefined : `${job.index} ${text}`;
}

function textOf(input: JobInput): string | undefined {
  if (typeof input !== "object") return String(input);
  return "json" in input ? input.json : undefined;
}
