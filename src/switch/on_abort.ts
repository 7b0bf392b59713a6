import { Cancelled } from "./cancelled.ts";
import { contextOf, fiberOf } from "./context.ts";
import type { Registration } from "./list.ts";
import type { WaitLabel } from "./wait_label.ts";

/**
 * Calls `fn` once, when `signal` is aborted; at once where it already is. The signal of a switch
 * is waited for without a listener, any other with one, which `remove` takes off again.
 *
 * Always remove the registration when the wait is over: a long-lived signal keeps it otherwise.
 *
 * Say `what` is waited for, if something is: `Switch.inspect`, the report of leaks and the traces
 * show it until the registration is removed. Only those who wait should say so.
 *
 * @example
 * ```ts
 * import { onAbort, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * await Switch.run((sw) => {
 *   const wait = onAbort(sw.signal, () => {}, "the bus");
 *   assertEquals(sw.inspect().waitsFor, ["the bus"]);
 *   wait.remove();
 * });
 * ```
 */
export function onAbort(
  signal: AbortSignal,
  fn: (reason: Cancelled) => void,
  what?: WaitLabel,
): Registration {
  const context = contextOf(signal);
  if (context !== undefined) return context.onCancel(fn, what, fiberOf(signal));
  const listener = new AbortListener(signal, fn);
  if (signal.aborted) listener.handleEvent();
  else signal.addEventListener("abort", listener);
  return listener;
}

class AbortListener implements EventListenerObject, Registration {
  readonly #signal: AbortSignal;
  #fn: ((reason: Cancelled) => void) | undefined;

  constructor(signal: AbortSignal, fn: (reason: Cancelled) => void) {
    this.#signal = signal;
    this.#fn = fn;
  }

  handleEvent(): void {
    const fn = this.#fn;
    if (this.remove()) fn?.(cancelledOf(this.#signal));
  }

  remove(): boolean {
    if (this.#fn === undefined) return false;
    this.#fn = undefined;
    this.#signal.removeEventListener("abort", this);
    return true;
  }
}

/** Where an aborted signal that is not ours keeps what its reason became. */
const cancelledKey = Symbol("cancelled");

/**
 * The cancellation that an aborted signal stands for: one for all who wait on it, as its reason is.
 * An error for each would take longer to make than all else that a cancellation does.
 */
function cancelledOf(signal: AbortSignal & { [cancelledKey]?: Cancelled }): Cancelled {
  return signal[cancelledKey] ??= Cancelled.from(signal.reason);
}
