/**
 * Stands in for `@std/net`, which is in no npm package, with its official signatures.
 *
 * @module
 */

/** Options for {@linkcode getAvailablePort}. */
export interface GetAvailablePortOptions {
  /** A port to try first. When it is taken, any free one is returned. */
  preferredPort?: number;
}

/** A TCP port that was free a moment ago: listen on it at once. */
export function getAvailablePort(options?: GetAvailablePortOptions): number {
  if (options?.preferredPort) {
    try {
      using listener = Deno.listen({ port: options.preferredPort, hostname: "127.0.0.1" });
      return (listener.addr as Deno.NetAddr).port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return (listener.addr as Deno.NetAddr).port;
}
