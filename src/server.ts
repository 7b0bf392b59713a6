import { isLoopback } from "./config.ts";
import { Dispatcher, type DispatcherOptions, jobRows, poolRows } from "./dispatch/mod.ts";
import { type Address, type Dir, type Env, formatAddress, type Log } from "./env/mod.ts";
import { Connection, serveConnections } from "./net/mod.ts";
import { WorkerPool, type WorkerPoolOptions } from "./pool/mod.ts";
import type { Dialects, Stats } from "./protocol/mod.ts";
import { Cancelled, Fiber, onAbort, type Registration, Switch } from "./switch/mod.ts";

/** Options for {@linkcode runServer}. */
export interface ServerOptions extends Omit<WorkerPoolOptions, "jobs"> {
  /** Where to listen. Port 0 is any free one; the log and `onListening` tell which. */
  readonly listen: Address;

  /** The folder of job files. */
  readonly jobs: Dir;

  /**
   * What is spoken: everything, or only the number lines of the original service.
   *
   * @default {"all"}
   */
  readonly dialects?: Dialects;

  /**
   * The job that a line with just a number goes to.
   *
   * @default {"fib"}
   */
  readonly defaultJob?: string;

  /**
   * How many clients are served at once; more wait in the kernel's queue.
   *
   * @default {1024}
   */
  readonly maxConnections?: number;

  /**
   * How long a line may be, in bytes.
   *
   * @default {65_536}
   */
  readonly maxLineBytes?: number;

  /**
   * How many requests of one client may be under way before it is not read.
   *
   * @default {64}
   */
  readonly maxInFlight?: number;

  /**
   * How long a line of a reply may be, in bytes, its end not counted. A longer one gives way to an
   * error that says so.
   *
   * @default {65_536}
   */
  readonly maxReplyBytes?: number;

  /**
   * After how many lines that cannot be read a client is let go.
   *
   * @default {20}
   */
  readonly maxProtocolErrors?: number;

  /**
   * How many bytes may wait to be sent to a client before it is not read.
   *
   * @default {1_048_576}
   */
  readonly maxPendingBytes?: number;

  /**
   * How long what runs may take to finish after `stop`, in milliseconds, before it is cut.
   *
   * @default {10_000}
   */
  readonly drainMs?: number;

  /** Abort it to drain: accept no more, finish what was asked for, up to `drainMs`. */
  readonly stop?: AbortSignal;

  /** Abort it to cut: stop everything now. */
  readonly cut?: AbortSignal;

  /** Called once it serves, with the address that is really listened on. */
  readonly onListening?: (address: Address) => void;
}

/**
 * How a server ended: everything was finished, some of it was cut, or it stopped by itself, for it
 * has threads that cannot be killed and the program must be restarted to be rid of them.
 */
export type ServerEnd = "drained" | "cut" | "unfit";

/** The parts of the machine that {@linkcode runServer} uses. */
export type ServerEnv = Pick<Env, "net" | "threads" | "clock" | "log">;

/**
 * Serves jobs on a port until it is stopped, and returns when everything in it has ended: every
 * connection closed, every job stopped, every thread gone.
 *
 * There are two ways to stop it: `stop` drains, `cut` cuts. It drains by itself when too many of its
 * threads could not be killed (`onStuck`, `maxStuck`). Rejects with a sentence for the
 * operator where it cannot start: the port is in use, or no job file can be used.
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

/** What tells a server to stop: its caller, or the pool, when it is no longer fit to serve. */
class Orders implements Disposable {
  readonly stop = new AbortController();
  readonly cut = new AbortController();
  isUnfit = false;
  readonly #log: Log;
  readonly #options: ServerOptions;
  readonly #forwarding: readonly (Registration | undefined)[];

  constructor(log: Log, options: ServerOptions) {
    this.#log = log;
    this.#options = options;
    this.#forwarding = [
      options.stop && onAbort(options.stop, () => this.stop.abort()),
      options.cut && onAbort(options.cut, ({ cause }) => this.cut.abort(cause)),
    ];
  }

  readonly onUnfit = (why: string): void => {
    this.isUnfit = true;
    this.#log.error("The server must be restarted, and drains", { why });
    this.stop.abort();
    this.#options.onUnfit?.(why);
  };

  [Symbol.dispose](): void {
    for (const registration of this.#forwarding) registration?.remove();
  }
}

/** Listens first, so that a port in use is known at once; accepts when the pool is ready. */
async function serve(
  sw: Switch,
  env: ServerEnv,
  options: ServerOptions,
  cut: AbortController,
): Promise<void> {
  const { clock, log, net } = env;
  const { stop = new AbortController().signal, maxConnections = 1024 } = options;
  const listener = await net.listen(sw, options.listen);
  const pool = await WorkerPool.open(sw, env, options);
  const traffic = new Traffic();
  const dispatcher = new Dispatcher(dispatcherOptions(pool, log, stop, traffic, options));
  const refusing = onAbort(stop, () => void pool.drain()); // before a connection hears of the stop
  sw.onRelease(() => void refusing.remove());
  sw.forkDaemon((signal) => drainOnStop(signal, stop, cut, env, options));
  announce(log, listener.address, pool, options);
  await serveConnections(sw, listener, {
    maxConnections,
    clock,
    log,
    stop,
    async onConnection(sw, conn) {
      using _open = traffic.open();
      await dispatcher.serve(sw, new Connection(sw, conn, { ...options, clock }));
    },
  });
  sw.check(); // a cut ends the serving without an error
}

function dispatcherOptions(
  pool: WorkerPool,
  log: Log,
  stop: AbortSignal,
  traffic: Traffic,
  options: ServerOptions,
): DispatcherOptions {
  return {
    pool,
    log,
    dialects: options.dialects ?? "all",
    defaultJob: options.defaultJob ?? "fib",
    maxInFlight: options.maxInFlight ?? 64,
    maxLineBytes: options.maxLineBytes ?? 65_536,
    maxReplyBytes: options.maxReplyBytes ?? 65_536,
    maxProtocolErrors: options.maxProtocolErrors ?? 20,
    draining: stop,
    stats: (job) => statsOf(pool, traffic, job),
  };
}

/** At a stop: lets what runs finish for `drainMs`, and then cuts. */
async function drainOnStop(
  signal: AbortSignal,
  stop: AbortSignal,
  cut: AbortController,
  { clock, log }: ServerEnv,
  { drainMs = 10_000 }: ServerOptions,
): Promise<void> {
  const either = AbortSignal.any([signal, stop]);
  await Fiber.awaitCancel(either).catch(() => {});
  signal.throwIfAborted();
  log.info("draining: no new connections and no new jobs; what runs may finish", { drainMs });
  await clock.sleep(drainMs, { signal });
  log.warn("what runs is cut: the drain took too long", { drainMs });
  cut.abort(new Error(`the server is stopping, and its drain took longer than ${drainMs} ms`));
}

function announce(
  log: Log,
  address: Address,
  pool: WorkerPool,
  { onListening }: ServerOptions,
): void {
  const { cores, lanes } = pool.stats();
  log.info("listening", {
    address: formatAddress(address),
    cores,
    lanes: lanes.idle,
    jobs: [...pool.jobs.keys()].join(" "),
    isolation: pool.isolation,
  });
  if (!isLoopback(address)) {
    log.warn(
      "listening beyond this machine without authentication: whoever reaches the port can run jobs",
      { address: formatAddress(address) },
    );
  }
  onListening?.(address);
}

/** How many connections there are, and have been. */
class Traffic {
  now = 0;
  total = 0;

  open(): Disposable {
    this.now++;
    this.total++;
    return { [Symbol.dispose]: () => void this.now-- };
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
