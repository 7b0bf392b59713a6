import { onAbort, type Switch } from "../switch/mod.ts";
import { type Closable, closeWith } from "./close_with.ts";
import { DenoConn } from "./deno_conn.ts";
import { closedError, toNetError } from "./deno_net_error.ts";
import { checkShareable, DEFAULT_BACKLOG, listenTcp } from "./deno_tcp_listener.ts";
import { PeerTable } from "./deno_peer_table.ts";
import {
  type Address,
  type Conn,
  type ConnectOptions,
  formatAddress,
  type InheritedAddress,
  type Listener,
  type ListenOptions,
  type Net,
  type TcpAddress,
  type TlsClientOptions,
  type UnixAddress,
} from "./net.ts";

/** The machine's network: TCP over IPv4 and IPv6, and Unix sockets. */
export function denoNet(): Net {
  const peers = new PeerTable();
  return {
    listen: (sw, address, options) => listen(sw, peers, address, options),
    connect: (sw, address, options) => connect(sw, peers, address, options),
  };
}

async function listen(
  sw: Switch,
  peers: PeerTable,
  address: Address | InheritedAddress,
  options: ListenOptions = {},
): Promise<Listener> {
  sw.check();
  const listener = await open(address, options, peers);
  try {
    return closeWith(sw, listener);
  } catch (error) {
    listener.close();
    throw error;
  }
}

async function open(
  address: Address | InheritedAddress,
  { tls, ...options }: ListenOptions,
  peers: PeerTable,
): Promise<Listener & Closable> {
  if (tls === undefined) return await openPlain(address, options, peers);
  // Loaded when they are wanted: they take long, and a lane that is closed to its jobs cannot load the
  // second.
  const { checkIdentity } = await import("./deno_tls_identity.ts");
  checkIdentity(tls);
  const { TlsListener } = await import("./deno_tls.ts");
  return new TlsListener(await openPlain(address, options, peers), tls);
}

async function openPlain(
  address: Address | InheritedAddress,
  options: ListenOptions,
  peers: PeerTable,
): Promise<Listener & Closable> {
  if (address.transport === "inherited") {
    // Loaded when it is wanted, as it brings `node:net` along.
    const { listenInherited } = await import("./deno_inherited.ts");
    return await listenInherited(address, peers);
  }
  if (address.transport === "unix") await removeStale(address);
  else {
    if (options.reusePort) checkShareable(address);
    const listener = listenTcp(address, options, peers);
    if (listener !== undefined) return listener;
  }
  return new DenoListener(bind(address, options), address, peers);
}

function bind(address: Address, { backlog = DEFAULT_BACKLOG, mode }: ListenOptions): Deno.Listener {
  try {
    if (address.transport === "unix") return bindUnix(address.path, mode);
    const { hostname, port } = address;
    return Deno.listen({ hostname, port, tcpBacklog: backlog });
  } catch (cause) {
    throw toNetError(`listen on ${formatAddress(address)}`, cause);
  }
}

/** By the mask, not by a `chmod` afterwards: somebody might connect before that. */
function bindUnix(path: string, mode: number | undefined): Deno.Listener {
  if (mode === undefined) return Deno.listen({ transport: "unix", path });
  const mask = Deno.umask(0o777 & ~mode);
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(mask);
  }
}

/** Removes the file of a Unix socket that nobody answers. Anything else is left for `bind`. */
async function removeStale(address: UnixAddress): Promise<void> {
  try {
    if (!(await Deno.lstat(address.path)).isSocket) return;
    const { transport, path } = address;
    (await Deno.connect({ transport, path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) await Deno.remove(address.path);
  }
}

async function connect(
  sw: Switch,
  peers: PeerTable,
  address: Address,
  { signal, tls }: ConnectOptions = {},
): Promise<Conn> {
  sw.check();
  signal?.throwIfAborted();
  using attempt = linkedAbort(sw, signal);
  const conn = new DenoConn(await dial(address, attempt.signal, tls), address, peers);
  try {
    attempt.signal.throwIfAborted(); // a Unix connect takes no signal
    return closeWith(sw, conn);
  } catch (error) {
    conn.close();
    throw error;
  }
}

async function dial(
  address: Address,
  signal: AbortSignal,
  tls?: TlsClientOptions,
): Promise<Deno.Conn> {
  if (tls !== undefined && address.transport === "unix") {
    throw new TypeError(`Cannot speak TLS to ${formatAddress(address)}: it is for TCP only`);
  }
  try {
    if (address.transport === "unix") {
      return await Deno.connect({ transport: "unix", path: address.path });
    }
    if (tls !== undefined) return await dialTls(address, signal, tls);
    const conn = await Deno.connect({ hostname: address.hostname, port: address.port, signal });
    return tune(conn);
  } catch (cause) {
    signal.throwIfAborted();
    throw toNetError(`connect to ${formatAddress(address)}`, cause);
  }
}

/** The keys are agreed on here, so that a server that is not trusted fails the connect. */
async function dialTls(
  { hostname, port }: TcpAddress,
  signal: AbortSignal,
  { authorities, cert, key }: TlsClientOptions,
): Promise<Deno.Conn> {
  const conn = await Deno.connectTls({
    hostname,
    port,
    ...(authorities === undefined ? {} : { caCerts: [authorities] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  const giveUp = onAbort(signal, () => conn.close());
  try {
    await conn.handshake();
    return conn;
  } catch (error) {
    if (!signal.aborted) conn.close();
    throw error;
  } finally {
    giveUp.remove();
  }
}

/** A signal that the switch and the caller's signal both abort, until it is disposed. */
function linkedAbort(sw: Switch, signal?: AbortSignal): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const links = [
    sw.onCancel((reason) => controller.abort(reason)),
    signal && onAbort(signal, () => controller.abort(signal.reason)),
  ];
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => links.forEach((link) => link?.remove()),
  };
}

/** Replies go out at once, and a peer whose machine has died is found out in the end. */
function tune(conn: Deno.TcpConn): Deno.TcpConn {
  try {
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  } catch (error) {
    conn.close();
    throw error;
  }
}

class DenoListener implements Listener {
  readonly address: Address;
  readonly #listener: Deno.Listener;
  readonly #peers: PeerTable;
  #accepted: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Called once, when the listener closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(listener: Deno.Listener, address: Address, peers: PeerTable) {
    this.#listener = listener;
    this.#peers = peers;
    this.address = toAddress(listener.addr, address);
  }

  /** One after another, as the platform refuses a second that waits. */
  accept(): Promise<Conn> {
    const accepting = this.#accepted.then(() => this.#accept());
    this.#accepted = accepting.catch(() => {});
    return accepting;
  }

  async #accept(): Promise<Conn> {
    try {
      const conn = await this.#listener.accept();
      if (this.address.transport === "tcp") tune(conn as Deno.TcpConn);
      return new DenoConn(conn, toAddress(conn.remoteAddr, this.address), this.#peers);
    } catch (cause) {
      const doing = `accept on ${formatAddress(this.address)}`;
      throw this.#closed ? closedError(doing) : toNetError(doing, cause);
    }
  }

  identify(): never {
    throw new TypeError(`Cannot identify ${formatAddress(this.address)}: it does not speak TLS`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close(); // removes the file of a Unix socket too
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The client's end of a Unix socket has no path as a rule: it goes by the server's. */
function toAddress(addr: Deno.Addr, asked: Address): Address {
  switch (addr.transport) {
    case "tcp":
      return { transport: "tcp", hostname: addr.hostname, port: addr.port };
    case "unix":
      return {
        transport: "unix",
        path: addr.path ?? (asked.transport === "unix" ? asked.path : ""),
      };
    default:
      return asked;
  }
}
