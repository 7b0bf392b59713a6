/**
 * What a {@linkcode Channel} rejects with once it was closed, if it was closed without an error.
 *
 * @example
 * ```ts
 * import { Channel, ChannelClosedError } from "@switchyard/switchyard";
 * import { assertRejects } from "@std/assert";
 *
 * const channel = new Channel<number>(1, { name: "jobs" });
 * channel.close();
 * await assertRejects(
 *   () => channel.put(1),
 *   ChannelClosedError,
 *   'Cannot put: the channel "jobs" is closed',
 * );
 * ```
 */
export class ChannelClosedError extends Error {
  /** The name of the class. */
  override readonly name: string = "ChannelClosedError";
}
