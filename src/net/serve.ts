import type { Clock, Conn, Listener, Log } from "../env/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";
import { addContext, Cancelled, findCause, onAbort, type Switch } from "../switch/mod.ts";
import { acceptNext } from "./accept.ts";
import { Entrance, type Entry } from "./entrance.ts";
import { sendAway } from "./farewell.ts";
import { Turnstile } from "./turnstile.ts";

/** How many connections over the limit are told so at a time. */
const MAX_REFUSALS = 32;

/** How many connections begin in a turn of the event loop, and how many end: milliseconds of work. */
const MOST_ARRIVALS = 32;
const MOST_DEPARTURES = 32;

/** Options for {@linkcode serveConnections}. */
export interface ServeOptions {
  /** How many connections are served at a time, over all listeners. */
  readonly maxConnections: number;

  /**
   * What a connection over the limit is sent, its line end included, before it is closed. It is said
   * to 32 at a time; more wait in the kernel's queue.
   *
   * @default {nothing: all of them wait in the kernel's queue}
   */
  readonly refusal?: string;

  /** Times the pauses after a failed accept. */
  readonly clock: Clock;

  /** Gets a line for each connection (debug), and each one that failed. */
  readonly log: Log;

  /** Ends the accepting when it is aborted, and closes the listeners; connections go on. */
  readonly stop?: AbortSignal;

  /**
   * Serves one connection, which came to this listener. Its switch, and with it the socket, ends
   * when this returns.
   */
  readonly onConnection: (sw: Switch, conn: Conn, listener: Listener) => void | Promise<void>;
}

/**
 * Serves every connection that comes to `listener`, or to any of several, each in a switch of its
 * own, and returns when the listeners are closed and the last connection has ended.
 *
 * There are two ways to stop: abort `stop` to accept no more and let the connections finish, or
 * cancel `sw` to cut them. What one connection throws is logged, and no other notices; a failing
 * accept is tried again. At the limit it refuses in words, if it was given any, or stops accepting,
 * so that the kernel's queue, and then the client, waits.
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
  listener: Listener | readonly Listener[],
  options: ServeOptions,
): Promise<void> {
  const { maxConnections, refusal, stop } = options;
  const entrance = new Entrance({
    maxConnections: atLeastOne(maxConnections),
    maxRefusals: refusal === undefined ? 0 : MAX_REFUSALS,
  });
  using arrivals = new Turnstile(MOST_ARRIVALS);
  using departures = new Turnstile(MOST_DEPARTURES);
  await sw.run((all) => {
    const signal = stop ? AbortSignal.any([stop, all.signal]) : all.signal;
    for (const one of [listener].flat()) {
      all.fork(() => acceptAll(all, one, entrance, { ...options, signal, arrivals, departures }));
    }
  }, { name: "connections" });
}

/** How connections are served, at what pace, and what ends the accepting of them. */
interface AcceptOptions extends ServeOptions {
  readonly signal: AbortSignal;
  readonly arrivals: Turnstile;
  readonly departures: Turnstile;
}

/** Waits for room, accepts, and forks: what cannot even be refused stays in the kernel's queue. */
async function acceptAll(
  all: Switch,
  listener: Listener,
  entrance: Entrance,
  options: AcceptOptions,
): Promise<void> {
  const { signal, arrivals } = options;
  const closing = onAbort(signal, () => listener.close());
  try {
    for (;;) {
      await entrance.room({ signal });
      const conn = await acceptNext(listener, options);
      const entry = entrance.tryEnter() ?? await enterLater(entrance, conn, signal);
      const turn = entry === "serve" ? arrivals.pass() : undefined;
      if (turn !== undefined) await turn;
      forkConnection(all, { conn, listener, entry }, entrance, options);
    }
  } catch (error) {
    if (!isStop(error, signal)) throw error;
  } finally {
    closing.remove();
  }
}

/** Others came by another listener, and were faster. */
async function enterLater(entrance: Entrance, conn: Conn, signal: AbortSignal): Promise<Entry> {
  try {
    return await entrance.enter({ signal });
  } catch (error) {
    conn.close();
    throw error;
  }
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof NetError && error.code === "closed";
}

/** A connection, where it came to, and what becomes of it. */
interface Arrival {
  readonly conn: Conn;
  readonly listener: Listener;
  readonly entry: Entry;
}

/** Hands the connection to a fiber, which is the one to close it from then on. */
function forkConnection(
  all: Switch,
  arrival: Arrival,
  entrance: Entrance,
  options: AcceptOptions,
): void {
  const { conn, entry } = arrival;
  if (all.error !== undefined) { // a cancelled switch forks nothing
    conn.close();
    entrance.leave(entry);
  } else if (entry === "serve") {
    all.fork(() => handleConnection(all, arrival, entrance, options));
  } else {
    all.fork((signal) => refuse(conn, entrance, { ...options, signal }));
  }
}

async function refuse(
  conn: Conn,
  entrance: Entrance,
  { log, maxConnections, refusal = "", ...options }: AcceptOptions,
): Promise<void> {
  try {
    const level = entrance.beginsToRefuse() ? "warn" : "debug";
    log[level]("connection refused: the limit is reached", {
      remote: formatAddress(conn.remote),
      maxConnections,
    });
    await sendAway(conn, refusal, options);
  } finally {
    entrance.leave("refuse");
  }
}

/**
 * Serves a connection. Few functions wait here for its end: each that is `async` is half a kB of what
 * an idle connection takes.
 */
async function handleConnection(
  all: Switch,
  { conn, listener }: Arrival,
  entrance: Entrance,
  options: AcceptOptions,
): Promise<void> {
  const remote = formatAddress(conn.remote);
  const { log, departures } = options;
  try {
    log.debug("connection opened", { remote });
    await all.run((sw) => {
      sw.onRelease(() => depart(conn, departures));
      return options.onConnection(sw, conn, listener);
    }, { name: `connection ${remote}` });
  } catch (error) {
    report(log, remote, addContext(error, `handling connection from ${remote}`));
  } finally {
    entrance.leave("serve");
    log.debug("connection closed", { remote });
  }
}

/** Closes a connection when it is its turn: that takes the platform longer than all else. */
async function depart(conn: Conn, departures: Turnstile): Promise<void> {
  const turn = departures.pass();
  if (turn !== undefined) await turn;
  conn.close();
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
