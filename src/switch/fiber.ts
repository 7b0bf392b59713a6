import { callFiber, type FiberFunction } from "./fiber_function.ts";
import { onAbort } from "./on_abort.ts";
import { Switch } from "./switch.ts";

/** What a fiber can do besides its own work. */
export interface FiberTools {
  /**
   * Runs `fn` out of reach of any cancellation around it, and returns what it returned: the signal
   * that it is given, if it declares a parameter, is never aborted. The caller's own cancellation
   * is not looked at afterwards, so that the result can be used; the next wait notices it.
   */
  protect<T>(fn: FiberFunction<T>): Promise<T>;

  /** Waits until `signal` is aborted, and rejects with its {@linkcode Cancelled}. */
  awaitCancel(signal: AbortSignal): Promise<never>;

  /**
   * Goes to the end of the queue: what else can run does, input and output and timers included.
   * Rejects with {@linkcode Cancelled} when `signal` is aborted by then.
   */
  yield(signal?: AbortSignal): Promise<void>;
}

/**
 * The tools of a fiber: shielding, waiting, giving way.
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
export const Fiber: FiberTools = { protect, awaitCancel, yield: yieldTurn };

function protect<T>(fn: FiberFunction<T>): Promise<T> {
  // A switch below nothing: that is out of reach, and what runs in it is waited for.
  return Switch.run((sw) => callFiber(fn, sw), { name: "protect" });
}

function awaitCancel(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => void onAbort(signal, reject));
}

async function yieldTurn(signal?: AbortSignal): Promise<void> {
  // A macrotask, not a microtask: a loop that yields must let sockets and timers in.
  await new Promise<void>((resolve) => void setImmediate(resolve));
  if (signal?.aborted) await awaitCancel(signal);
}
