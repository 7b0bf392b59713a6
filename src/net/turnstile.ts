import { Hearing } from "./hearing.ts";

/**
 * Lets only so many through in a turn of the event loop; the others wait for later turns, in the
 * order in which they came. So a crowd that comes or leaves at once does not hold the loop: what
 * others have sent is read in between.
 */
export class Turnstile implements Disposable {
  readonly #mostATurn: number;
  readonly #waiting: (() => void)[] = [];
  #left: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hearing: Hearing | undefined;

  /** Make one that lets so many through in a turn. */
  constructor(mostATurn: number) {
    this.#mostATurn = mostATurn;
    this.#left = mostATurn;
  }

  /** Goes through: at once, or when what comes back resolves. */
  pass(): Promise<void> | undefined {
    if (this.#left > 0) return void this.#count();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Lets all through who wait. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#hearing?.[Symbol.dispose]();
    for (const next of this.#waiting.splice(0)) next();
  }

  /** The next turn is asked for when half of this one is used: it comes before the rest is. */
  #count(): void {
    if (--this.#left > this.#mostATurn >> 1 || this.#hearing !== undefined) return;
    this.#timer ??= setTimeout(() => this.#due(), 0);
  }

  /** Where somebody waits, there is much to do: the others are heard first. */
  #due(): void {
    this.#timer = undefined;
    if (this.#waiting.length === 0) this.#begin();
    else this.#hearing = new Hearing(() => this.#begin());
  }

  #begin(): void {
    this.#hearing = undefined;
    this.#left = this.#mostATurn;
    for (const next of this.#waiting.splice(0, this.#mostATurn)) {
      this.#count();
      next();
    }
  }
}
