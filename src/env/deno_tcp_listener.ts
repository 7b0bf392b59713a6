import { isIP } from "node:net";
import { closedError, toNetError } from "./deno_net_error.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import { systemError, type TcpBinding, tcpBinding, type TcpHandle } from "./deno_tcp_binding.ts";
import { TcpConn } from "./deno_tcp_conn.ts";
import {
  type Conn,
  formatAddress,
  type Listener,
  type ListenOptions,
  NetError,
  type TcpAddress,
} from "./net.ts";

/**
 * So many connections are taken ahead of those who ask for them: more at once are a flood. Who is
 * taken as soon as the platform has looked costs no other look.
 */
const MOST_AHEAD = 64;

/** How many connections wait in the kernel for `accept`, where not told otherwise. */
export const DEFAULT_BACKLOG = 511;

/** How often a listener to which nobody comes is looked after. */
const LOOK_MS = 1000;

/** After how many seconds of silence the kernel looks whether a peer's machine is still there. */
const KEEP_ALIVE_SECONDS = 7200;

/**
 * Listens by the sockets below `node:net`; nothing where that cannot be, and then `Deno.listen` can,
 * or says why not.
 */
export function listenTcp(
  address: TcpAddress,
  { backlog = DEFAULT_BACKLOG, reusePort = false }: ListenOptions,
  peers: PeerTable,
): TcpListener | undefined {
  const binding = tcpBinding();
  if (binding === undefined || isIP(address.hostname) === 0) return undefined;
  const { SERVER, UV_TCP_REUSEPORT } = binding.constants;
  const handle = new binding.TCP(SERVER);
  const flags = reusePort ? UV_TCP_REUSEPORT : 0;
  if (isListening(handle, address, flags, backlog)) {
    return new TcpListener(binding, handle, backlog, peers);
  }
  handle.close();
  return undefined;
}

/** Throws where a port cannot be shared, as these sockets alone can do that. */
export function checkShareable(address: TcpAddress): void {
  if (tcpBinding() !== undefined && isIP(address.hostname) !== 0) return;
  const why = tcpBinding() === undefined ? "this Deno cannot do that" : "it takes an IP address";
  throw new NetError("other", `Cannot share the port of ${formatAddress(address)}: ${why}`);
}

/**
 * Listens; false where that fails, for whatever reason. Connections have the options of their
 * listener, so it is enough to give them to that.
 */
function isListening(
  handle: TcpHandle,
  { hostname, port }: TcpAddress,
  flags: number,
  backlog: number,
): boolean {
  try {
    const status = isIP(hostname) === 6
      ? handle.bind6(hostname, port, flags)
      : handle.bindWithFlags(hostname, port, flags);
    return status === 0 && handle.setNoDelay(true) === 0 &&
      handle.setKeepAlive(true, KEEP_ALIVE_SECONDS) === 0 && handle.listen(backlog) === 0;
  } catch {
    return false; // the permission is missing
  }
}

/**
 * A listener by the sockets below `node:net`. The platform takes all that have come when it looks, a
 * backlog of them at most, and offers one after the other. When one is not taken it holds them, and
 * the others wait in the kernel.
 */
class TcpListener implements Listener {
  readonly address: TcpAddress;
  readonly #binding: TcpBinding;
  readonly #handle: TcpHandle;
  readonly #backlog: number;
  readonly #peers: PeerTable;
  readonly #arrivals: TcpConn[] = [];
  readonly #looking: ReturnType<typeof setInterval>;
  readonly #waiters: PromiseWithResolvers<Conn>[] = [];
  #isHolding = false;
  #hasNews = false;
  #closed = false;

  /** Called once, when the listener closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(binding: TcpBinding, handle: TcpHandle, backlog: number, peers: PeerTable) {
    this.#binding = binding;
    this.#handle = handle;
    this.#backlog = backlog;
    this.#peers = peers;
    const name = { address: "", port: 0 };
    handle.getsockname(name);
    this.address = { transport: "tcp", hostname: name.address, port: name.port };
    handle.onconnection = () => this.#arrive();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  accept(): Promise<Conn> {
    if (this.#closed) return Promise.reject(closedError(this.#doing));
    const next = this.#arrivals.shift() ?? (this.#isHolding ? this.#takeHeld() : undefined);
    if (next !== undefined) return Promise.resolve(next);
    const waiter = Promise.withResolvers<Conn>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  identify(): never {
    throw new TypeError(`Cannot identify ${formatAddress(this.address)}: it does not speak TLS`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#looking);
    this.#handle.close(); // and those whom the platform holds
    for (const conn of this.#arrivals.splice(0)) conn.close();
    this.#fail(closedError(this.#doing));
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #arrive(): void {
    if (this.#closed) return;
    this.#hasNews = true;
    this.#isHolding ||= this.#waiters.length === 0 && this.#arrivals.length >= MOST_AHEAD;
    if (this.#isHolding) return;
    const conn = this.#take();
    if (conn === undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#arrivals.push(conn);
    else waiter.resolve(conn);
  }

  /**
   * The next of those whom the platform holds. When it holds none any more it has to be told to
   * listen: it looks for nobody while it holds some, and would hear of nobody who comes then.
   */
  #takeHeld(): TcpConn | undefined {
    const conn = this.#take();
    if (conn !== undefined) return conn;
    this.#isHolding = false;
    this.#handle.listen(this.#backlog);
    return undefined;
  }

  /** The next who has not left again. */
  #take(): TcpConn | undefined {
    const { TCP, constants } = this.#binding;
    for (;;) {
      const handle = new TCP(constants.SOCKET);
      const name = { address: "", port: 0 };
      const isThere = this.#handle.accept(handle) >= 0;
      if (isThere && handle.getpeername(name) >= 0) {
        const remote: TcpAddress = { transport: "tcp", hostname: name.address, port: name.port };
        return new TcpConn(this.#binding, handle, remote, this.#peers);
      }
      handle.close();
      if (!isThere) return undefined;
    }
  }

  /**
   * The platform says nothing when there are no file descriptors for those who come, and hears no
   * more of them: look whether it is so, and have it listen again.
   */
  #look(): void {
    const isQuiet = !this.#hasNews && this.#waiters.length > 0;
    this.#hasNews = false;
    if (!isQuiet) return;
    const status = this.#tryToOpen();
    if (status < 0) this.#fail(toNetError(this.#doing, systemError(status)));
    this.#handle.listen(this.#backlog);
  }

  /** Opens a socket, and closes it: 0 where that can be done. */
  #tryToOpen(): number {
    const { TCP, constants } = this.#binding;
    const socket = new TCP(constants.SOCKET);
    const { hostname } = this.address;
    const status = isIP(hostname) === 6 ? socket.bind6(hostname, 0, 0) : socket.bind(hostname, 0);
    socket.close();
    return status;
  }

  #fail(error: NetError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  get #doing(): string {
    return `accept on ${formatAddress(this.address)}`;
  }
}
