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
   * Learns how long a run took, and how much of that on a core, as far as that is known. A long one is
   * remembered for some time, a short one soon forgotten. One long run among short ones is put down to
   * a busy machine, and so is a first one that had a core for a short time only; a second soon after
   * it is not, for it may be one that waits.
   */
  learn(job: number, ms: number, cpuMs: number = ms): void {
    const expectedMs = this.#expected[job];
    const isOdd = expectedMs === undefined ? cpuMs <= SHORT_MS : expectedMs < SHORT_MS / 2;
    const believedMs = isOdd ? Math.min(ms, SHORT_MS) : ms;
    this.#expected[job] = Math.max(believedMs, (expectedMs ?? 0) * FADE);
  }
}
