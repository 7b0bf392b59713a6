import type { Clock, Timer } from "../env/mod.ts";

/** What a client is waited for: to end a line, to say who it is, to ask something. */
export type Expectation = "line" | "name" | "request";

/** How long each is waited for, in milliseconds; `Infinity` for ever. */
export type Limits = Readonly<Record<Expectation, number>>;

/** Those who are told that a client was waited for in vain. */
export interface PatienceOwner {
  /** What was expected for too long, and how long that is. */
  giveUp(what: Expectation, limitMs: number): void;
}

/**
 * Gives a client up that keeps the server waiting. To expect something costs next to nothing: a
 * timer is set once in a period, and looks, when it fires, since when the same is expected.
 */
export class Patience implements Disposable {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #owner: PatienceOwner;
  #what: Expectation | undefined;
  #mark = 0;
  #dueMs = Infinity;
  #timer: Timer | undefined;
  #timerMs = Infinity;

  /** `owner` is told once. */
  constructor(clock: Clock, limits: Limits, owner: PatienceOwner) {
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
  }

  /** Expects something from now on, or nothing; the same as before, with the same mark, goes on. */
  expect(what: Expectation | undefined, mark = 0): void {
    if (what === this.#what && mark === this.#mark) return;
    this.#what = what;
    this.#mark = mark;
    this.#dueMs = Infinity;
    if (what === undefined || this.#limits[what] === Infinity) return;
    this.#dueMs = this.#clock.monotonic() + this.#limits[what];
    if (this.#dueMs < this.#timerMs) this.#arm();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timerMs = this.#dueMs;
    this.#timer = this.#clock.setTimer(this.#dueMs - this.#clock.monotonic(), () => {
      this.#timer = undefined;
      this.#timerMs = Infinity;
      if (this.#dueMs === Infinity || this.#what === undefined) return;
      if (this.#dueMs > this.#clock.monotonic()) return this.#arm();
      this.#owner.giveUp(this.#what, this.#limits[this.#what]);
    });
  }
}
