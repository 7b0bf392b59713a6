/**
 * A library of concurrency, as `rivals_bench.ts` asks it to do things. Each function does its thing
 * `count` times, one after the other, from plain async code unless it says otherwise; one that a
 * library has no notion of is left out.
 */
export interface Peer {
  readonly name: string;

  /** Opens a scope and closes it, with nothing in it. */
  openClose?(count: number): Promise<void>;

  /** The same inside of the library's own world, without a promise for each. */
  openCloseInside?(count: number): Promise<void>;

  /** Starts a task that waits for a promise, in a scope that is open, and waits for its end. */
  forkJoin?(count: number): Promise<void>;

  /** Opens a scope, starts a task that waits for a promise, waits for its end, closes the scope. */
  lifetime?(count: number): Promise<void>;

  /** The same inside of the library's own world, without a promise for each. */
  lifetimeInside?(count: number): Promise<void>;

  /** Works on `count` items, ten at a time, each with a task that waits for a promise. */
  mapTen?(count: number): Promise<void>;

  /** Starts `count` tasks that wait for ever, a hundred to a scope, and cancels all. */
  cancelTree?(count: number): Promise<void>;

  /** Hands items from one task to another through a queue with room for one. */
  handOver?(count: number): Promise<void>;

  /** Takes a free permit and gives it back. */
  permit?(count: number): Promise<void>;

  /** Starts `count` tasks that wait for ever, calls `measure`, and cancels them. */
  idle?(count: number, measure: () => void): Promise<void>;
}

/** What the tasks wait for. */
export async function task(): Promise<void> {
  await Promise.resolve();
}

/** How many tasks a scope of {@linkcode Peer.cancelTree} has. */
export const TASKS_IN_SCOPE = 100;
