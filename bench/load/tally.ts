import { HistogramRecorder } from "../../src/pool/stats/histogram.ts";
import type { GroupResult } from "./plan.ts";

/** Counts the replies to a group, of a window of time. Without one, it counts nothing. */
export class Tally {
  readonly #latency = new HistogramRecorder();
  #fromMs = Infinity;
  #toMs = Infinity;
  #replies = 0;

  /** What is sent, or comes, from then on and until then counts. */
  setWindow(fromMs: number, toMs: number): void {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** A reply has come to what was sent, or should have been, at `sentMs`. */
  count(sentMs: number, nowMs: number): void {
    if (nowMs >= this.#fromMs && nowMs < this.#toMs) this.#replies++;
    // Not by when the reply came: the slow ones come when the window is over.
    if (sentMs >= this.#fromMs && sentMs < this.#toMs) this.#latency.record(nowMs - sentMs);
  }

  /** What there is to say. */
  result(): GroupResult {
    const perSecond = this.#replies * 1000 / (this.#toMs - this.#fromMs);
    return { perSecond, latency: this.#latency.snapshot() };
  }
}
