import { eventInterval } from "../env/mod.ts";

/** So many rounds more, for what the kernel tells to arrive. */
const MORE_ROUNDS = 3;

let rounds = 0;

/**
 * Goes on when the event loop has heard of the others. As long as it has anything to do it asks the
 * kernel in one of many rounds, whatever it does in them: three times a second, where many kept it
 * busy. So nothing is done here for as many of its rounds as that takes, at 3 us each.
 */
export class Hearing implements Disposable {
  readonly #onHeard: () => void;
  #round: ReturnType<typeof setImmediate> | undefined;

  /** `onHeard` is called once, unless it is disposed of before. */
  constructor(onHeard: () => void) {
    this.#onHeard = onHeard;
    rounds ||= eventInterval() + MORE_ROUNDS;
    this.#pass(rounds);
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#round);
  }

  #pass(left: number): void {
    this.#round = setImmediate(() => left > 1 ? this.#pass(left - 1) : this.#onHeard());
  }
}
