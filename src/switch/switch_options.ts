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
}

/** Options for a switch. */
export interface SwitchOptions extends ChildSwitchOptions {
  /**
   * Cancels the switch. With the signal of a switch, the new one becomes its child.
   */
  readonly signal?: AbortSignal;
}
