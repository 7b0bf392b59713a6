/**
 * What fibers do together, and what one can do besides its own work.
 *
 * All that runs functions does it in a switch of its own: it returns only when each has ended, and
 * a failure cancels the others. Each function is given the signal of that switch, if it declares a
 * parameter for it.
 *
 * @example
 * ```ts
 * import { Fiber } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const lengths = await Fiber.map(["one", "three"], (word) => word.length, { maxFibers: 2 });
 * assertEquals(lengths, [3, 5]);
 * ```
 *
 * @module
 */

export { autoYield } from "./auto_yield.ts";
export { all, both, pair } from "./fiber_all.ts";
export { any, first, nAny } from "./fiber_any.ts";
export { filter, filterMap, forEach, map } from "./fiber_map.ts";
export { awaitCancel, protect, yieldTurn as yield } from "./fiber_wait.ts";
export { retry } from "./retry.ts";
export { withTimeout } from "./timeout.ts";
