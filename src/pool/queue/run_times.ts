/** Below this a job is short: it does not keep a core from another for long. In milliseconds. */
export const SHORT_MS = 2;

/** How fast a history fades: the share of the old figure that a run leaves. */
const FADE = 0.8;

/** What the runs of some jobs took, to tell what the next will take. */
export class RunTimes {
  readonly #expected: number[] = [];

  /** How long a run of a job is expected to take, in milliseconds; `undefined` before the first. */
  expectedMs(job: number): number | undefined {
    return this.#expected[job];
  }

  /**
   * Learns how long a run took. A long one is remembered for some time, a short one soon forgotten.
   * One long run among short ones is put down to a busy machine; a second soon after it is not.
   */
  learn(job: number, ms: number): void {
    const expectedMs = this.#expected[job];
    if (expectedMs === undefined) {
      this.#expected[job] = ms;
      return;
    }
    const believedMs = expectedMs < SHORT_MS / 2 ? Math.min(ms, SHORT_MS) : ms;
    this.#expected[job] = Math.max(believedMs, expectedMs * FADE);
  }
}
