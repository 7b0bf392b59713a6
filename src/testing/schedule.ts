import { type Random, seededRandom } from "../env/mod.ts";
import type { Defer } from "../switch/mod.ts";

/** How often a schedule wakes one more in the same turn, so that the two mix in it. */
const CHANCE_OF_ANOTHER = 0.25;

/**
 * Decides in what order those go on who were woken. With a seed the order is random, and the same
 * for the same seed; without one it is that of the wake-ups.
 */
export class Schedule {
  readonly #random: Random | undefined;
  readonly #pending: (() => void)[] = [];
  #steps = 0;

  /** Make a schedule that has put off nothing. */
  constructor(seed: number | undefined) {
    this.#random = seed === undefined ? undefined : seededRandom(seed);
  }

  /** Puts a wake-up off. */
  readonly defer: Defer = (wake) => void this.#pending.push(wake);

  /** How many wake-ups have happened. */
  get steps(): number {
    return this.#steps;
  }

  /** Lets one or a few go on. False where none was put off. */
  release(): boolean {
    if (this.#pending.length === 0) return false;
    do this.#releaseOne(); while (this.#pending.length > 0 && this.#wantsAnother());
    return true;
  }

  #releaseOne(): void {
    const [wake] = this.#pending.splice(this.#choose(this.#pending.length), 1);
    this.#steps++;
    wake?.();
  }

  #choose(count: number): number {
    return this.#random === undefined ? 0 : Math.floor(this.#random.next() * count);
  }

  #wantsAnother(): boolean {
    return this.#random !== undefined && this.#random.next() < CHANCE_OF_ANOTHER;
  }
}
