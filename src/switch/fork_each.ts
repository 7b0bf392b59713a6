import type { Switch } from "./switch.ts";

/**
 * Forks `work` for each of `items`, in their order, with at most `maxFibers` at a time, and returns
 * what the calls returned when the last one is started. Throws the switch's cancellation instead of
 * starting another.
 *
 * Between two it lets go for a microtask: an `async` function that fails before its first wait says
 * so only then, and nothing is to be started after a failure.
 */
export async function forkEach<T, R>(
  sw: Switch,
  items: Iterable<T>,
  maxFibers: number,
  work: (item: T) => R | Promise<R>,
): Promise<(R | Promise<R>)[]> {
  const slots = new Slots(maxFibers);
  const returned: (R | Promise<R>)[] = [];
  for (const item of items) {
    sw.fork(() => { // hand the promise itself on: another one around it would say so later
      const value = slots.occupy(work(item));
      returned.push(value);
      return value;
    });
    await slots.untilFree();
    sw.check();
  }
  return returned;
}

/** So many may run at a time. One waits for its turn, the loop above. */
class Slots {
  #free: number;
  #wake: (() => void) | undefined = undefined;

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a slot until `value` has settled, and returns it. */
  occupy<T>(value: T | Promise<T>): T | Promise<T> {
    if (isPromiseLike(value)) {
      this.#free--;
      value.then(this.#leave, this.#leave);
    }
    return value;
  }

  async untilFree(): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  readonly #leave = () => {
    this.#free++;
    this.#wake?.();
  };
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
