import { Failures, Principals } from "./access/mod.ts";
import { Dispatcher, type DispatcherOptions, jobRows, poolRows } from "./dispatch/mod.ts";
import { type Clock, type Conn, unlessAborted } from "./env/mod.ts";
import { Connection, type ConnectionOptions, serveConnections } from "./net/mod.ts";
import { MAX_QUEUE, WorkerPool } from "./pool/mod.ts";
import { formatReply, type Stats } from "./protocol/mod.ts";
import { Listeners } from "./server_listeners.ts";
import type { Security, ServerEnd, ServerEnv, ServerOptions } from "./server_options.ts";
import { drainOnStop, Orders } from "./server_orders.ts";
import { Cancelled, onAbort, Switch } from "./switch/mod.ts";

export type { Endpoint, Security, ServerEnd, ServerEnv, ServerOptions } from "./server_options.ts";

/**
 * Serves jobs on a port until it is stopped, and returns when everything in it has ended: every
 * connection closed, every job stopped, every thread gone.
 *
 * There are two ways to stop it: `stop` drains, `cut` cuts. It drains by itself when too many of its
 * threads could not be killed (`onStuck`, `maxStuck`). Rejects with a sentence for the
 * operator where it cannot start: the port is in use, no job file can be used, or others could come in
 * and nobody would ask them who they are.
 *
 * @example
 * ```ts
 * import { type Address, Connection, realEnv, runServer, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const env = realEnv({ log: { level: "warn" } });
 * const stop = new AbortController();
 * const listening = Promise.withResolvers<Address>();
 * const serving = runServer(env, {
 *   listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
 *   jobs: await env.cwd.subtree("workers"),
 *   stop: stop.signal,
 *   onListening: listening.resolve,
 * });
 *
 * const address = await listening.promise;
 * await Switch.run(async (sw) => {
 *   const { reader, writer } = new Connection(sw, await env.net.connect(sw, address), env);
 *   writer.writeLine("30");
 *   assertEquals(await reader.readLine(), "Result: 832040");
 * });
 *
 * stop.abort();
 * assertEquals(await serving, "drained");
 * ```
 */
export async function runServer(env: ServerEnv, options: ServerOptions): Promise<ServerEnd> {
  using orders = new Orders(env.log, options);
  const { stop, cut } = orders;
  const ordered = { ...options, stop: stop.signal, onUnfit: orders.onUnfit };
  try {
    await Switch.run((sw) => serve(sw, env, ordered, cut), { name: "server", signal: cut.signal });
    return orders.isUnfit ? "unfit" : "drained";
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return orders.isUnfit ? "unfit" : "cut";
  }
}

/** A server's options when there is something that stops it. */
interface ServeOptions extends ServerOptions {
  readonly stop: AbortSignal;
}

/** Listens first, so that a port in use is known at once; accepts when the pool is ready. */
async function serve(
  sw: Switch,
  env: ServerEnv,
  options: ServeOptions,
  cut: AbortController,
): Promise<void> {
  const { clock, log, net } = env;
  const { stop } = options;
  const security = await options.security?.() ?? {};
  const listeners = await Listeners.open(sw, net, options, security);
  const principals = new Principals(security.principals ?? [], clock);
  const pool = await WorkerPool.open(sw, env, { ...halvesOf(options), waitFor: "first" });
  const traffic = new Traffic();
  const dispatcher = new Dispatcher({
    ...limitsOf(options),
    ...{ pool, log, clock, principals, failures: new Failures({ clock }) },
    draining: stop,
    stats: (job) => statsOf(pool, traffic, job),
  });
  const refusing = onAbort(stop, () => void pool.drain()); // before a connection hears of the stop
  sw.onRelease(() => void refusing.remove());
  sw.forkDaemon((signal) => drainOnStop(signal, stop, cut, env, options));
  sw.forkDaemon((signal) => reload(signal, env, options, { listeners, principals }));
  announce(env, listeners, principals, pool, options);
  await serveClients(sw, env, options, { listeners, dispatcher, traffic });
  sw.check(); // a cut ends the serving without an error
}

/**
 * However many connections a client has, each with its requests under way, it leaves half of the
 * queue to the others: who fills it would else have them all refused.
 */
function halvesOf(options: ServeOptions): ServeOptions & { readonly maxQueuePerSubmitter: number } {
  const { maxQueue = MAX_QUEUE } = options;
  return { maxQueuePerSubmitter: Math.ceil(maxQueue / 2), ...options };
}

/** What clients meet. */
interface Front {
  readonly listeners: Listeners;
  readonly dispatcher: Dispatcher;
  readonly traffic: Traffic;
}

async function serveClients(
  sw: Switch,
  { clock, log }: ServerEnv,
  options: ServeOptions,
  { listeners, dispatcher, traffic }: Front,
): Promise<void> {
  const { stop, maxConnections = 1024 } = options;
  const spoken = connectionOptions(options, clock);
  await serveConnections(sw, [...listeners], {
    maxConnections,
    refusal: formatReply({
      kind: "refusal",
      code: "BUSY",
      message:
        `Cannot serve you: ${maxConnections} clients are connected, which is the limit. Try again later`,
    }),
    clock,
    log,
    stop,
    onConnection(sw, conn, listener) {
      sw.use(traffic.open());
      const isTrusted = listener.address.transport === "unix";
      const serve = (identity?: string) =>
        dispatcher.serve(sw, new Connection(sw, conn, spoken), { identity, isTrusted });
      return listeners.speaksTls(listener) ? agreeOnKeys(sw, conn).then(serve) : serve();
    },
  });
}

/** Those of a server's options that its connections have: each copies them. */
function connectionOptions(options: ServerOptions, clock: Clock): ConnectionOptions {
  const { maxLineBytes, maxPendingBytes, stallMs } = options;
  return {
    clock,
    ...(maxLineBytes === undefined ? {} : { maxLineBytes }),
    ...(maxPendingBytes === undefined ? {} : { maxPendingBytes }),
    ...(stallMs === undefined ? {} : { stallMs }),
  };
}

/** Waits until a client has agreed on keys, and tells who its certificate says it is. */
async function agreeOnKeys({ signal }: Switch, conn: Conn): Promise<string | undefined> {
  return await unlessAborted(conn.identity(), signal, "a client's keys");
}

/** Takes new certificates and principals whenever it is told to; wrong ones change nothing. */
async function reload(
  signal: AbortSignal,
  { log }: ServerEnv,
  { reloads, security }: ServerOptions,
  { listeners, principals }: { readonly listeners: Listeners; readonly principals: Principals },
): Promise<void> {
  if (reloads === undefined || security === undefined) return;
  for (;;) {
    await reloads.next({ signal });
    try {
      const renewed: Security = await security();
      listeners.secure(renewed);
      principals.replace(renewed.principals ?? []);
      log.info("certificates and tokens were read again", { principals: principals.size });
    } catch (error) {
      log.error("certificates and tokens stay as they were", { error });
    }
  }
}

type Limits = Omit<
  DispatcherOptions,
  "pool" | "log" | "clock" | "principals" | "failures" | "draining" | "stats"
>;

function limitsOf(options: ServerOptions): Limits {
  return {
    dialects: options.dialects ?? "all",
    defaultJob: options.defaultJob ?? "fib",
    maxInFlight: options.maxInFlight ?? 64,
    maxLineBytes: options.maxLineBytes ?? 65_536,
    maxReplyBytes: options.maxReplyBytes ?? 65_536,
    maxProtocolErrors: options.maxProtocolErrors ?? 20,
    rate: options.rate,
    lineMs: options.lineMs ?? 30_000,
    idleMs: options.idleMs,
  };
}

function announce(
  { log }: ServerEnv,
  listeners: Listeners,
  { size }: Principals,
  pool: WorkerPool,
  { onListening }: ServerOptions,
): void {
  const { cores, lanes } = pool.stats();
  log.info("listening", {
    address: listeners.describe(),
    cores,
    lanes: lanes.idle + lanes.starting,
    jobs: [...pool.jobs.keys()].join(" "),
    ...(size === 0 ? {} : { principals: size }),
    isolation: pool.isolation,
  });
  if (size > 0 && listeners.readable.length > 0) {
    const message = "tokens go unencrypted over the network: use tls: addresses, or a tunnel";
    log.warn(message, { address: listeners.readable.join(" ") });
  }
  onListening?.(listeners.first.address, [...listeners].map(({ address }) => address));
}

/** How many connections there are, and have been. One is closed by disposing of what `open` gives. */
class Traffic implements Disposable {
  now = 0;
  total = 0;

  open(): Disposable {
    this.now++;
    this.total++;
    return this;
  }

  [Symbol.dispose](): void {
    this.now--;
  }
}

/** What `STATS` shows: of everything, or of one job. */
function statsOf(pool: WorkerPool, traffic: Traffic, job: string | undefined): Stats {
  if (job !== undefined) return jobRows(pool.stats(), job);
  return {
    connections: traffic.now,
    "connections so far": traffic.total,
    ...poolRows(pool.stats()),
  };
}
