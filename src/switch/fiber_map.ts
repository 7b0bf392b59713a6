import { type FiberFunction, namedAs } from "./fiber_function.ts";
import { type FiberOptions, switchOptions } from "./fiber_options.ts";
import { forkEach } from "./fork_each.ts";
import { Switch } from "./switch.ts";

/**
 * What is done with each item. It is given the signal of the fiber's switch, but only if it declares
 * a second parameter, as a {@linkcode FiberFunction} is.
 */
export type ItemFunction<T, R> = (item: T, signal: AbortSignal) => R | Promise<R>;

/** Options for {@linkcode map} and the like. */
export interface MapOptions extends FiberOptions {
  /**
   * How many items are worked on at a time; at least 1.
   *
   * @default {Infinity}
   */
  readonly maxFibers?: number;
}

/**
 * Returns what `fn` made of each item, in the order of the items, having worked on up to
 * `maxFibers` of them at the same time. Eio's `Fiber.List.map`.
 *
 * Work is started in the order of the items, and the next item is asked for only when there is a
 * fiber for it. The first failure cancels the rest, and no more is started; it is thrown when all
 * have ended, joined with what else went wrong. Throws a `RangeError` when `maxFibers` is not
 * positive.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const squares = await Fiber.map([1, 2, 3], async (n) => {
 *   await Fiber.yield();
 *   return n * n;
 * }, { maxFibers: 2 });
 * assertEquals(squares, [1, 4, 9]);
 * ```
 */
export function map<T, R>(
  items: Iterable<T>,
  fn: ItemFunction<T, R>,
  options: MapOptions = {},
): Promise<R[]> {
  return mapAs("map", items, fn, options);
}

/**
 * Returns the items that `isKept` is true for, in their order. Otherwise as {@linkcode map}. Eio's
 * `Fiber.List.filter`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await Fiber.filter([1, 2, 3], (n) => Promise.resolve(n !== 2)), [1, 3]);
 * ```
 */
export async function filter<T>(
  items: Iterable<T>,
  isKept: ItemFunction<T, boolean>,
  options: MapOptions = {},
): Promise<T[]> {
  const seen: T[] = [];
  const remember = function* () {
    for (const item of items) {
      seen.push(item);
      yield item;
    }
  };
  const kept = await mapAs("filter", remember(), isKept, options);
  return seen.filter((_, i) => kept[i]);
}

/**
 * Returns what `fn` made of each item, without those that it made `undefined` of. Otherwise as
 * {@linkcode map}. Eio's `Fiber.List.filter_map`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const ages = new Map([["ann", 30], ["bob", 40]]);
 * const known = await Fiber.filterMap(["ann", "eve", "bob"], (name) => ages.get(name));
 * assertEquals(known, [30, 40]);
 * ```
 */
export async function filterMap<T, R>(
  items: Iterable<T>,
  fn: ItemFunction<T, R | undefined>,
  options: MapOptions = {},
): Promise<R[]> {
  const results = await mapAs("filterMap", items, fn, options);
  return results.filter((result) => result !== undefined) as R[];
}

/**
 * Calls `fn` with each item, and returns when all have ended. Otherwise as {@linkcode map}. Eio's
 * `Fiber.List.iter`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const seen = new Set<string>();
 * await Fiber.forEach(["a", "b", "c"], (item) => void seen.add(item), { maxFibers: 2 });
 * assertEquals(seen.size, 3);
 * ```
 */
export async function forEach<T>(
  items: Iterable<T>,
  fn: ItemFunction<T, unknown>,
  options: MapOptions = {},
): Promise<void> {
  await mapAs("forEach", items, fn, options);
}

async function mapAs<T, R>(
  name: string,
  items: Iterable<T>,
  fn: ItemFunction<T, R>,
  options: MapOptions,
): Promise<R[]> {
  const { maxFibers = Infinity } = options;
  checkMaxFibers(maxFibers);
  const work = function* () {
    for (const item of items) yield withItem(fn, item);
  };
  const results = await Switch.run(
    (sw) => forkEach(sw, work(), maxFibers),
    switchOptions(name, options),
  );
  return Promise.all(results); // they have settled, and none has failed
}

function withItem<T, R>(fn: ItemFunction<T, R>, item: T): FiberFunction<R> {
  const work: FiberFunction<R> = fn.length > 1
    ? (signal) => fn(item, signal)
    : () => (fn as (item: T) => R | Promise<R>)(item);
  return namedAs(fn, work);
}

function checkMaxFibers(maxFibers: number): void {
  if (maxFibers === Infinity || Number.isSafeInteger(maxFibers) && maxFibers > 0) return;
  throw new RangeError(
    `Cannot run fibers: maxFibers must be a positive integer or Infinity, got ${maxFibers}`,
  );
}
