/** Below this a job is short: it does not keep a core from another for long. In milliseconds. */
export const SHORT_MS = 2;

/** Below this a job is tiny: several are worth posting ahead to one lane. In milliseconds. */
export const TINY_MS = 0.1;

/** How fast a submitter's history fades: the share of the old figure that a run leaves. */
const FADE = 0.8;

/**
 * Somebody who submits jobs, as a connection does. What its runs took tells what the next will take,
 * so that who sends long jobs does not delay who sends short ones.
 */
export class Submitter {
  readonly #expected: number[] = [];

  /** How long a run of a job is expected to take, in milliseconds; `undefined` before the first. */
  expectedMs(job: number): number | undefined {
    return this.#expected[job];
  }

  /** Learns how long a run took. A long one is remembered for some time; a short one soon forgotten. */
  learn(job: number, ms: number): void {
    const expected = this.#expected[job] ?? 0;
    this.#expected[job] = Math.max(ms, expected * FADE);
  }
}
