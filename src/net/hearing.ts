/**
 * As long as the event loop has anything to do, it asks the kernel what else has come in one of so
 * many of its rounds, whatever else it does in them. (61 of Tokio's ticks, and some for what they bring.)
 */
const ROUNDS = 64;

/**
 * Goes on when the event loop has heard of the others. Where many keep it busy it has always something
 * to do: it was measured to ask the kernel three times a second. So nothing is done here for as many of
 * its rounds as that takes, at 3 us each.
 */
export class Hearing implements Disposable {
  readonly #onHeard: () => void;
  #round: ReturnType<typeof setImmediate> | undefined;

  /** `onHeard` is called once, unless it is disposed of before. */
  constructor(onHeard: () => void) {
    this.#onHeard = onHeard;
    this.#pass(ROUNDS);
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#round);
  }

  #pass(rounds: number): void {
    this.#round = setImmediate(() => rounds > 1 ? this.#pass(rounds - 1) : this.#onHeard());
  }
}
