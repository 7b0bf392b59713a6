import { type FiberFunction, wrapFiber } from "./fiber_function.ts";
import type { Switch } from "./switch.ts";

/**
 * Forks each of `fns`, in their order, with at most `maxFibers` at a time, and returns what the calls
 * returned when the last one is started. Throws the switch's cancellation instead of starting
 * another.
 *
 * Between two it lets go for a microtask: an `async` function that fails before its first wait says
 * so only then, and nothing is to be started after a failure.
 */
export async function forkEach<T>(
  sw: Switch,
  fns: Iterable<FiberFunction<T>>,
  maxFibers: number = Infinity,
): Promise<(T | Promise<T>)[]> {
  const slots = new Slots(maxFibers);
  const returned: (T | Promise<T>)[] = [];
  const keep = (call: () => T | Promise<T>) => {
    const value = slots.occupy(call());
    returned.push(value);
    return value; // the promise itself: another one around it would say so later
  };
  for (const fn of fns) {
    sw.check(); // here, not after the last: if all are started and return, they have done it
    sw.fork(wrapFiber(fn, keep));
    await slots.untilFree();
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
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
