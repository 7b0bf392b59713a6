import type { Progress } from "../../src/job/mod.ts";

/** How often the progress of a run is sent at most, in milliseconds. */
export const PROGRESS_MS = 100;

/** What a report needs of a clock. */
interface ReportClock {
  monotonic(): number;
  setTimer(ms: number, fn: () => void): { cancel(): void };
}

/** The progress of one run: told as often as the job likes, sent now and then, and the last always. */
export class ProgressReport {
  readonly #clock: ReportClock;
  readonly #send: (progress: Progress) => void;
  #sentMs = -Infinity;
  #timer: { cancel(): void } | undefined;
  #isPending = false;
  // Not one object a call: a tight loop makes a million.
  #done = 0;
  #total: number | undefined;
  #note: string | undefined;

  constructor(clock: ReportClock, send: (progress: Progress) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Takes the job's word for how far it is. */
  tell(done: number, total: number | undefined, note: string | undefined): void {
    this.#done = done;
    this.#total = total;
    this.#note = note;
    this.#isPending = true;
    const dueMs = this.#sentMs + PROGRESS_MS - this.#clock.monotonic();
    if (dueMs <= 0) this.flush();
    else this.#timer ??= this.#clock.setTimer(dueMs, () => this.flush());
  }

  /** Sends what was told last, unless it was sent. Do so before the run's end. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#sentMs = this.#clock.monotonic();
    this.#send({
      done: Number(this.#done),
      ...(this.#total !== undefined && { total: Number(this.#total) }),
      ...(this.#note !== undefined && { note: String(this.#note).slice(0, MAX_NOTE) }),
    });
  }
}

/** How long a note may be; a longer one is cut. */
const MAX_NOTE = 1_024;
