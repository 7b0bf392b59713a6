import type { LeakOptions } from "./leak_report.ts";
import type { Observer } from "./observer.ts";

/** Options for a switch that is run below another. */
export interface ChildSwitchOptions {
  /**
   * For messages and `inspect`.
   *
   * @default {""}
   */
  readonly name?: string;

  /**
   * Keeps cancellation from above out. Such a switch starts even when the one above is cancelled.
   *
   * @default {false}
   */
  readonly protect?: boolean;

  /**
   * Watches the switch and all below it. Without one, that of the switch above does.
   */
  readonly observer?: Observer | undefined;

  /**
   * Writes to the log, once, what still runs a while after the switch was cancelled or its body
   * ended.
   */
  readonly leaks?: LeakOptions | undefined;
}

/** Options for a switch. */
export interface SwitchOptions extends ChildSwitchOptions {
  /**
   * Cancels the switch. With the signal of a switch, the new one becomes its child.
   */
  readonly signal?: AbortSignal;
}
