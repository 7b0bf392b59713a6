import type { Registration, WaitOptions } from "../switch/mod.ts";
import { Waiter } from "./waiter.ts";

/** What remains to be called, outside of the hand-over, when a case has happened. */
export type Finish<R> = () => R | Promise<R>;

/** Who waits for one of several cases. Settle it when its case happens; once is enough. */
export interface Choice<R> {
  /** The case has happened. */
  resolve(finish: Finish<R>): void;

  /** The case can never happen. */
  reject(error: unknown): void;
}

/** When something was last preferred to others: a number that {@linkcode select} keeps. */
export interface Turn {
  /** Greater than that of all that it was preferred to. */
  last: number;
}

/**
 * One of the things that {@linkcode select} chooses from. `Channel.takeCase` and
 * `Channel.putCase` make them; whatever has waiters can offer its own.
 */
export interface Case<R> {
  /** Its turn among those that are ready. */
  readonly turn: Turn;

  /** Whether `perform` could be called now. */
  isReady(): boolean;

  /** Makes it happen, without waiting. Throws where it has become impossible. */
  perform(): Finish<R>;

  /** Stands in line for `choice`, until it is settled or the registration is removed. */
  enlist(choice: Choice<R>): Registration;
}

/** What {@linkcode select} returns for a case. */
export type CaseResult<C> = C extends Case<infer R> ? R : never;

/**
 * Makes exactly one of `cases` happen, and returns what its function returned. Where none is ready
 * it waits, in the lines of all, for the first; to the others it was never there.
 *
 * It is fair: of several that are ready it takes the one whose turn was longest ago, so that of the
 * same cases none can starve another. There is no chance in it: the same calls choose the same.
 *
 * Rejects with what the function throws; with the error of a channel that is closed, which counts
 * as ready; and with {@linkcode Cancelled} when `signal` is aborted during the wait.
 *
 * Also known as Go's `select`; CML's `choose`.
 *
 * @example
 * ```ts
 * import { Channel, select } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Channel<string>(10);
 * const results = new Channel<number>(0);
 * const step = select([
 *   jobs.takeCase((job) => `took ${job}`),
 *   results.putCase(42, () => "gave 42"),
 * ]);
 * assertEquals(await results.take(), 42);
 * assertEquals(await step, "gave 42");
 * ```
 */
export async function select<const C extends readonly Case<unknown>[]>(
  cases: C,
  { signal }: WaitOptions = {},
): Promise<CaseResult<C[number]>> {
  if (cases.length === 0) {
    throw new RangeError("Cannot select: expected one case or more, got none");
  }
  const ready = cases.filter((each) => each.isReady());
  const finish = ready.length > 0 ? prefer(ready, cases).perform() : await firstOf(cases, signal);
  return await finish() as CaseResult<C[number]>;
}

/** The one of `ready` that was preferred least recently. It is now the latest among `cases`. */
function prefer<R>(ready: readonly Case<R>[], cases: readonly Case<R>[]): Case<R> {
  const preferred = ready.reduce((a, b) => b.turn.last < a.turn.last ? b : a);
  preferred.turn.last = 1 + Math.max(...cases.map(({ turn }) => turn.last));
  return preferred;
}

function firstOf<R>(
  cases: readonly Case<R>[],
  signal: AbortSignal | undefined,
): Promise<Finish<R>> {
  return new Promise((resolve, reject) => {
    const choice = new WaitingChoice<R>(resolve, reject);
    choice.stand(cases);
    choice.giveUpOn(signal, "select");
  });
}

/** One who waits in several lines at once, and leaves all when it is settled. */
class WaitingChoice<R> extends Waiter<Finish<R>> implements Choice<R> {
  readonly #places: Registration[] = [];

  stand(cases: readonly Case<R>[]): void {
    for (const each of cases) this.#places.push(each.enlist(this));
  }

  override remove(): boolean {
    for (const place of this.#places) place.remove();
    return true;
  }

  override resolve(finish: Finish<R>): void {
    this.remove();
    super.resolve(finish);
  }

  override reject(error: unknown): void {
    this.remove();
    super.reject(error);
  }
}
