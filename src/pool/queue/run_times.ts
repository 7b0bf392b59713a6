/** Below this a job is short: it does not keep a core from another for long. In milliseconds. */
export const SHORT_MS = 2;

/** How fast a history fades: the share of the old figure that a run leaves. */
const FADE = 0.8;

/** How much a run changes what is usual, as one that took no more than twice that, or this at least. */
const SHARE = 1 / 4;
const LEAST_MS = 0.02;

/** After so many short runs a long one stands out. */
const CALM_RUNS = 4;

/**
 * A run that waits has a core for less than this part of its time, and so have others like it: one that
 * is only kept from a core has it for more, or is alone. So many in a row are taken for waiting.
 */
const WAITING_SHARE = 1 / 16;
const WAITING_RUNS = 3;

/** What is remembered of the runs of one job, in milliseconds. */
interface History {
  /** How long a run is busy, the long ones remembered best. */
  busyMs: number;
  /** How long a run takes as a rule. */
  usualMs: number;
  /** How many runs in a row have held their lane for long, and a core for a small part of that only. */
  idle: number;
  /** How long the last of them took, if they are enough to be taken for waiting. */
  waitMs: number;
  /** How many runs were short since the last long one. */
  calm: number;
}

/** What the runs of some jobs took, to tell what the next will take. */
export class RunTimes {
  readonly #histories: (History | undefined)[] = [];
  readonly #others: RunTimes | undefined;

  /** `others` is what runs of the same kind took, beside which the first of these may stand out. */
  constructor(others?: RunTimes) {
    this.#others = others;
  }

  /**
   * How long the next run of a job may well take, in milliseconds, to be on the safe side; `undefined`
   * before the first.
   */
  expectedMs(job: number): number | undefined {
    const history = this.#histories[job];
    return history && Math.max(history.busyMs, history.waitMs);
  }

  /** How long a run of a job takes as a rule, in milliseconds; `undefined` before the first. */
  usualMs(job: number): number | undefined {
    return this.#histories[job]?.usualMs;
  }

  /**
   * Learns how long a run took, and how much of that on a core, as far as that is known. A long one is
   * remembered for some time, a short one soon forgotten; one long run among short ones counts as if
   * it had been just short. One that had a core for a short time only was kept from it by a busy
   * machine, and counts by that time; some in a row that had it for a small part of their time are of
   * a job that waits, and count in full, until one does not.
   */
  learn(job: number, ms: number, cpuMs: number = ms): void {
    const isKept = ms > SHORT_MS && cpuMs <= SHORT_MS;
    const runMs = ms > SHORT_MS && !isKept ? ms : cpuMs;
    const isIdle = isKept && cpuMs < ms * WAITING_SHARE;
    const history = this.#histories[job];
    if (history === undefined) return this.#begin(job, runMs, isIdle);
    history.idle = isIdle ? history.idle + 1 : 0;
    history.waitMs = history.idle >= WAITING_RUNS ? ms : 0;
    // What it took lies between the two: what is nearest to the usual is believed.
    const likelyMs = Math.min(Math.max(history.usualMs, cpuMs), ms);
    history.usualMs += (Math.min(likelyMs, mostUsualMs(history)) - history.usualMs) * SHARE;
    const believedMs = isCalm(history) ? Math.min(runMs, SHORT_MS) : runMs;
    history.calm = runMs > SHORT_MS ? 0 : history.calm + 1;
    history.busyMs = Math.max(believedMs, history.busyMs * FADE);
  }

  #begin(job: number, runMs: number, isIdle: boolean): void {
    const known = this.#others && this.#others.#histories[job];
    const standsOut = known !== undefined && isCalm(known);
    this.#histories[job] = {
      busyMs: standsOut ? Math.min(runMs, SHORT_MS) : runMs,
      usualMs: standsOut ? Math.min(runMs, mostUsualMs(known)) : runMs,
      idle: isIdle ? 1 : 0,
      waitMs: 0,
      calm: runMs > SHORT_MS ? 0 : CALM_RUNS,
    };
  }
}

/** As how long a run counts at most in what is usual. */
function mostUsualMs({ usualMs }: History): number {
  return Math.max(usualMs * 2, LEAST_MS);
}

/** Whether a long run would stand out. */
function isCalm({ busyMs, calm }: History): boolean {
  return busyMs <= SHORT_MS && calm >= CALM_RUNS;
}
