/**
 * Lifetime: switches, the fibers that run in them, and their cancellation. This room knows of no
 * other, and takes no authority.
 *
 * 1. `Switch.run` returns only after every fiber in it has settled and every release has run.
 * 2. Releases run last-in first-out, one at a time, shielded from cancellation.
 * 3. The first failure turns the switch off; later failures are joined to it, oldest first;
 *    `Cancelled` never hides a real error.
 * 4. A parent's cancellation reaches every child (shielded ones aside); a child's failure reaches
 *    the parent only by being thrown from `run`.
 * 5. A daemon does not keep its switch on: when only daemons are left, they are cancelled, and
 *    waited for.
 * 6. An operation that has completed beats a later cancellation: an item, a permit or a result is
 *    never lost and never handed over twice.
 *
 * Cancellation is passed by hand: a function that waits takes a `signal`, any `AbortSignal`, or
 * the `Switch` itself.
 *
 * @example
 * ```ts
 * import { Fiber, Switch } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const log: string[] = [];
 * await assertRejects(
 *   () =>
 *     Switch.run((sw) => {
 *       sw.onRelease(() => void log.push("released"));
 *       sw.fork((signal) => Fiber.awaitCancel(signal).finally(() => log.push("cancelled")));
 *       sw.fork(() => {
 *         throw new Error("this one fails");
 *       });
 *     }),
 *   Error,
 *   "this one fails",
 * );
 * assertEquals(log, ["cancelled", "released"]);
 * ```
 *
 * @module
 */

export { abortable } from "./abortable.ts";
export type { Stopwatch } from "./auto_yield.ts";
export { Cancelled, describeError, isAbortError } from "./cancelled.ts";
export type {
  ChromeEvent,
  ChromeEventBase,
  ChromeFlow,
  ChromeInstant,
  ChromeMetadata,
  ChromeSlice,
  ChromeSliceKind,
  ChromeTrace,
} from "./chrome_trace.ts";
export { Deferred, type DeferredOptions, type DeferredState } from "./deferred.ts";
export { addContext, ContextError, findCause, withContext } from "./error_context.ts";
export * as Fiber from "./fiber.ts";
export type { RaceOptions } from "./fiber_any.ts";
export { FiberLocal } from "./fiber_local.ts";
export type { ItemFunction, MapOptions } from "./fiber_map.ts";
export type { FiberOptions } from "./fiber_options.ts";
export { callFiber, type FiberFunction } from "./fiber_function.ts";
export { Link, List, type Registration } from "./list.ts";
export type { LeakOptions } from "./leak_report.ts";
export { MultipleErrors } from "./multiple_errors.ts";
export { type Defer, Observer, type ObserverClock, type ObserverOptions } from "./observer.ts";
export { onAbort } from "./on_abort.ts";
export type { AttemptFunction, RetryOptions } from "./retry.ts";
export { Switch } from "./switch.ts";
export type { ChildSwitchOptions, SwitchOptions } from "./switch_options.ts";
export type {
  CancelEvent,
  EndEvent,
  ForkEvent,
  OpenEvent,
  ReleasedEvent,
  ReleaseEvent,
  ResumeEvent,
  SwitchEvent,
  SwitchEventBase,
  WaitEvent,
} from "./switch_event.ts";
export { formatTree } from "./switch_tree.ts";
export type { FiberInfo, FiberKind, SwitchInfo, SwitchState } from "./switch_info.ts";
export { type Sleeper, Timeout, type TimeoutResult } from "./timeout.ts";
export { TimeoutError } from "./timeout_error.ts";
export type { WaitOptions } from "./wait_options.ts";
export { Trace, type TraceOptions } from "./trace.ts";
export type { WaitLabel } from "./wait_label.ts";
export { wake } from "./wake.ts";
