/** What a {@linkcode Channel} rejects with once it was closed, if it was closed without an error. */
export class ChannelClosedError extends Error {
  /** The name of the class. */
  override readonly name: string = "ChannelClosedError";
}
