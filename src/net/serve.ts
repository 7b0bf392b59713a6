import type { Clock, Conn, Listener, Log } from "../env/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";
import { Cancelled, findCause, onAbort, type Switch, withContext } from "../switch/mod.ts";
import { type Permit, Semaphore } from "../sync/mod.ts";
import { acceptNext } from "./accept.ts";

/** Options for {@linkcode serveConnections}. */
export interface ServeOptions {
  /** How many connections are open at a time; more wait in the kernel's queue. */
  readonly maxConnections: number;

  /** Times the pauses after a failed accept. */
  readonly clock: Clock;

  /** Gets a line for each connection (debug), and each one that failed. */
  readonly log: Log;

  /** Ends the accepting when it is aborted, and closes the listener; connections go on. */
  readonly stop?: AbortSignal;

  /** Serves one connection. Its switch, and with it the socket, ends when this returns. */
  readonly onConnection: (sw: Switch, conn: Conn) => void | Promise<void>;
}

/**
 * Serves every connection that comes to `listener`, each in a switch of its own, and returns when
 * the listener is closed and the last of them has ended.
 *
 * There are two ways to stop: abort `stop` to accept no more and let the connections finish, or
 * cancel `sw` to cut them. What one connection throws is logged, and no other notices; a failing
 * accept is tried again. At the limit it stops accepting, so that the kernel's queue, and then the
 * client, waits.
 *
 * ```ts
 * import { fakeEnv, serveConnections, Switch } from "@switchyard/switchyard";
 *
 * await Switch.run(async (sw) => {
 *   const { net, clock, log } = fakeEnv();
 *   const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 8080 });
 *   const stop = new AbortController();
 *   const serving = serveConnections(sw, listener, {
 *     maxConnections: 1024,
 *     clock,
 *     log,
 *     stop: stop.signal,
 *     async onConnection(_sw, conn) {
 *       await conn.write(new TextEncoder().encode("Hello\n"));
 *     },
 *   });
 *   const client = await net.connect(sw, listener.address);
 *   await client.read(new Uint8Array(16));
 *   stop.abort();
 *   await serving;
 * });
 * ```
 */
export async function serveConnections(
  sw: Switch,
  listener: Listener,
  options: ServeOptions,
): Promise<void> {
  const permits = new Semaphore(atLeastOne(options.maxConnections), { name: "connections" });
  await sw.run((all) => acceptAll(all, listener, permits, options), { name: "connections" });
}

/** Takes a permit, then accepts, then forks: the limit is back-pressure, not a refusal. */
async function acceptAll(
  all: Switch,
  listener: Listener,
  permits: Semaphore,
  options: ServeOptions,
): Promise<void> {
  const signal = options.stop ? AbortSignal.any([options.stop, all.signal]) : all.signal;
  const closing = onAbort(signal, () => listener.close());
  try {
    for (;;) {
      const permit = await permits.acquire({ signal });
      const conn = await acceptNext(listener, { ...options, signal }).catch((error) => {
        permit.release();
        throw error;
      });
      forkConnection(all, conn, permit, options);
    }
  } catch (error) {
    if (!isStop(error, signal)) throw error;
  } finally {
    closing.remove();
  }
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof NetError && error.code === "closed";
}

/** Hands the connection to a fiber, which is the one to close it from then on. */
function forkConnection(all: Switch, conn: Conn, permit: Permit, options: ServeOptions): void {
  if (all.error !== undefined) { // a cancelled switch forks nothing
    conn.close();
    permit.release();
    return;
  }
  all.fork(async () => {
    using _permit = permit;
    await handleConnection(all, conn, options);
  });
}

async function handleConnection(all: Switch, conn: Conn, options: ServeOptions): Promise<void> {
  const remote = formatAddress(conn.remote);
  const { log, onConnection } = options;
  log.debug("connection opened", { remote });
  try {
    const serve = () =>
      all.run((sw) => {
        sw.use(conn);
        return onConnection(sw, conn);
      }, { name: `connection ${remote}` });
    await withContext(serve, `handling connection from ${remote}`);
  } catch (error) {
    report(log, remote, error);
  }
  log.debug("connection closed", { remote });
}

/**
 * A client that goes away is everyday life, and what was stopped for it is told by whoever stopped
 * it; one that is cut for its behaviour is worth a look.
 */
function report(log: Log, remote: string, error: unknown): void {
  if (error instanceof Cancelled) return;
  const code = findCause(error, NetError)?.code;
  const level = code === undefined ? "error" : code === "connection-reset" ? "debug" : "warn";
  log[level]("connection failed", { remote, error });
}

function atLeastOne(maxConnections: number): number {
  if (Number.isSafeInteger(maxConnections) && maxConnections > 0) return maxConnections;
  throw new RangeError(
    `Cannot serve: maxConnections must be a positive integer, got ${maxConnections}`,
  );
}
