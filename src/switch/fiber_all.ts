import type { FiberFunction } from "./fiber_function.ts";
import { type FiberOptions, switchOptions } from "./fiber_options.ts";
import { forkEach } from "./fork_each.ts";
import { Switch } from "./switch.ts";
import type { SwitchOptions } from "./switch_options.ts";

/**
 * Returns what each of `fns` returned, in their order, having run them at the same time. Eio's
 * `Fiber.all`.
 *
 * They are started in order, each up to its first wait. The first to fail cancels the others and
 * keeps those behind it from starting; the failure is thrown when all have ended, joined with what
 * else went wrong. It never leaves one of them running, as `Promise.all` does.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const [sum, word] = await Fiber.all([() => 1 + 1, () => Promise.resolve("two")]);
 * assertEquals([sum, word], [2, "two"]);
 * ```
 */
export async function all<T extends readonly unknown[] | []>(
  fns: { readonly [K in keyof T]: FiberFunction<T[K]> },
  options: FiberOptions = {},
): Promise<T> {
  const list: readonly FiberFunction<unknown>[] = fns;
  const results = await settledTogether(list, switchOptions("all", options));
  return results as unknown as T; // by position, which the type of a loop cannot say
}

/**
 * Returns what `a` and `b` returned, having run them at the same time. Otherwise as
 * {@linkcode all}. Eio's `Fiber.pair`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await Fiber.pair(() => "a", () => "b"), ["a", "b"]);
 * ```
 */
export function pair<A, B>(
  a: FiberFunction<A>,
  b: FiberFunction<B>,
  options: FiberOptions = {},
): Promise<[A, B]> {
  return all<[A, B]>([a, b], switchOptions("pair", options));
}

/**
 * Runs `a` and `b` at the same time, and returns when both have ended. Otherwise as
 * {@linkcode all}. Eio's `Fiber.both`.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * await Fiber.both(
 *   async () => {
 *     await Fiber.yield();
 *     log.push("a");
 *   },
 *   () => void log.push("b"),
 * );
 * assertEquals(log, ["b", "a"]);
 * ```
 */
export async function both(
  a: FiberFunction<unknown>,
  b: FiberFunction<unknown>,
  options: FiberOptions = {},
): Promise<void> {
  await settledTogether([a, b], switchOptions("both", options));
}

async function settledTogether(
  fns: readonly FiberFunction<unknown>[],
  options: SwitchOptions,
): Promise<unknown[]> {
  if (fns.length === 0) return [];
  const results = await Switch.run((sw) => forkEach(sw, fns), options);
  return Promise.all(results); // they have settled, and none has failed
}
