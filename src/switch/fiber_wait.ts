import { callFiber, type FiberFunction } from "./fiber_function.ts";
import { onAbort } from "./on_abort.ts";
import { Switch } from "./switch.ts";
import { deferOf } from "./wake.ts";

/**
 * Returns what `fn` returned, having run it out of reach of any cancellation around it: the signal
 * that it is given, if it declares a parameter, is never aborted. The caller's own cancellation is
 * not looked at afterwards, so that the result can be used; the next wait notices it. Eio's
 * `Cancel.protect`.
 *
 * @example
 * ```ts
 * import { Fiber, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * let isSaved = false;
 * await Switch.run((sw) => {
 *   sw.fork(() =>
 *     Fiber.protect(async (signal) => {
 *       await Fiber.yield(signal);
 *       isSaved = true;
 *     })
 *   );
 *   sw.fail(new Error("turned off"));
 * }).catch(() => {});
 * assertEquals(isSaved, true);
 * ```
 */
export function protect<T>(fn: FiberFunction<T>): Promise<T> {
  // A switch below nothing: that is out of reach, and what runs in it is waited for.
  return Switch.run((sw) => callFiber(fn, sw), { name: "protect" });
}

/**
 * Waits until `signal` is aborted, and rejects with its {@linkcode Cancelled}. Eio's
 * `Fiber.await_cancel`.
 *
 * @example
 * ```ts
 * import { Fiber, Switch } from "@switchyard/switchyard";
 *
 * await Switch.run((sw) => {
 *   sw.forkDaemon(Fiber.awaitCancel); // until only daemons are left
 * });
 * ```
 */
export function awaitCancel(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => void onAbort(signal, reject, "cancel"));
}

/**
 * Goes to the end of the queue: what else can run does, input and output and timers included.
 * Rejects with {@linkcode Cancelled} when `signal` is aborted by then. Eio's `Fiber.yield`, Lwt's
 * `pause`.
 *
 * @example
 * ```ts
 * import { Fiber, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * await Switch.run(async (sw) => {
 *   sw.fork(async () => {
 *     await Fiber.yield();
 *     log.push("fiber");
 *   });
 *   log.push("body");
 *   await Fiber.yield();
 * });
 * assertEquals(log, ["body", "fiber"]);
 * ```
 */
export async function yieldTurn(signal?: AbortSignal): Promise<void> {
  // A macrotask, not a microtask: a loop that yields must let sockets and timers in.
  const defer = signal && deferOf(signal);
  await new Promise<void>((resolve) => defer ? defer(resolve) : void setImmediate(resolve));
  if (signal?.aborted) await awaitCancel(signal);
}
