import type { SwitchOptions } from "./switch_options.ts";

/** Options for what runs fibers in a switch of its own. */
export interface FiberOptions {
  /**
   * For messages and `inspect`.
   *
   * @default {the name of the function, such as "all"}
   */
  readonly name?: string;

  /** Cancels all of it. With the signal of a switch, it runs below that switch. */
  readonly signal?: AbortSignal;
}

/**
 * The options of the switch that is run. They are read, not spread: a `Switch` and an
 * `AbortController` will do for options, and what they have is not their own property.
 */
export function switchOptions(defaultName: string, options: FiberOptions): SwitchOptions {
  const { signal } = options;
  const name = options.name || defaultName; // that of a switch may be empty
  return signal === undefined ? { name } : { name, signal };
}
