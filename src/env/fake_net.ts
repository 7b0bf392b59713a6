import { type Defer, onAbort, type Switch } from "../switch/mod.ts";
import { closeWith } from "./close_with.ts";
import { FakeConn } from "./fake_conn.ts";
import {
  type Address,
  type ConnectOptions,
  formatAddress,
  type InheritedAddress,
  type Listener,
  type ListenOptions,
  type Net,
  NetError,
  type NetErrorCode,
} from "./net.ts";

/** Options for a {@linkcode FakeNet}. */
export interface FakeNetOptions {
  /**
   * How many bytes each direction of a connection holds before a write waits.
   *
   * @default {65536}
   */
  readonly capacity?: number;

  /**
   * Whether a connection can tell that its peer has left, as on one machine, or not, as across a
   * network.
   *
   * @default {true}
   */
  readonly canLook?: boolean;

  /**
   * Is given each wake-up of those who wait for bytes, for room or for a connection, and decides
   * when it happens, so that a test can try other orders. Without it they happen at once.
   */
  readonly defer?: Defer | undefined;
}

/** The first port that is given to those who ask for any. */
const FIRST_FREE_PORT = 49152;

/**
 * A network in memory, for tests: TCP and Unix sockets with back-pressure, half-close and resets,
 * and accept errors to order.
 *
 * ```ts
 * import { FakeNet, Switch } from "@switchyard/switchyard";
 *
 * await Switch.run(async (sw) => {
 *   const net = new FakeNet();
 *   const listener = await net.listen(sw, { transport: "tcp", hostname: "127.0.0.1", port: 0 });
 *   const client = await net.connect(sw, listener.address);
 *   const server = sw.use(await listener.accept());
 *   await client.write(new TextEncoder().encode("30\n"));
 *   await server.read(new Uint8Array(16)); // 3
 * });
 * ```
 */
export class FakeNet implements Net {
  readonly #capacity: number;
  readonly #canLook: boolean;
  readonly #defer: Defer;
  readonly #listeners = new Map<string, FakeListener[]>();
  readonly #silent = new Set<string>();
  #freePort = FIRST_FREE_PORT;

  /** Make a network that nobody is connected to yet. */
  constructor(options: FakeNetOptions = {}) {
    const { capacity = 65536, canLook = true, defer = (wake) => wake() } = options;
    this.#capacity = capacity;
    this.#canLook = canLook;
    this.#defer = defer;
  }

  // deno-lint-ignore require-await -- so that what is thrown rejects
  async listen(
    sw: Switch,
    asked: Address | InheritedAddress,
    { reusePort = false }: ListenOptions = {},
  ): Promise<Listener> {
    sw.check();
    if (asked.transport === "inherited") {
      throw refusal("other", `listen on ${formatAddress(asked)}`);
    }
    const address = this.#withPort(asked);
    const key = formatAddress(address);
    const others = this.#listeners.get(key) ?? [];
    const isShared = reusePort && asked.transport === "tcp";
    const isFree = others.every((other) => isShared && other.reusePort);
    if (!isFree) throw refusal("address-in-use", `listen on ${key}`);
    const listener = new FakeListener(
      address,
      reusePort,
      this.#defer,
      () => this.#unlist(listener),
    );
    this.#listeners.set(key, [...others, listener]);
    return closeWith(sw, listener);
  }

  async connect(sw: Switch, address: Address, options: ConnectOptions = {}): Promise<FakeConn> {
    sw.check();
    options.signal?.throwIfAborted();
    const key = formatAddress(address);
    if (this.#silent.has(key)) return await neverAnswered(sw, options);
    const listener = this.#nextListener(key);
    if (!listener) throw refusal("connection-refused", `connect to ${key}`);
    const ends = { capacity: this.#capacity, canLook: this.#canLook, defer: this.#defer };
    const { ofClient, ofServer } = FakeConn.pair(this.#clientOf(address), address, ends);
    listener.queue(ofServer);
    return closeWith(sw, ofClient);
  }

  /** Makes the next `accept` on `address`, or the one that waits, reject with this code. */
  failAccept(address: Address, code: NetErrorCode): void {
    const key = formatAddress(address);
    const listener = this.#listeners.get(key)?.[0];
    if (!listener) throw new TypeError(`Cannot fail an accept: nobody listens on ${key}`);
    listener.queue(refusal(code, `accept on ${key}`));
  }

  /** Makes every `connect` to `address` wait until it is given up, as one through a firewall does. */
  silence(address: Address): void {
    this.#silent.add(formatAddress(address));
  }

  /** Those who share a port take turns. */
  #nextListener(key: string): FakeListener | undefined {
    const listeners = this.#listeners.get(key);
    const next = listeners?.shift();
    if (next !== undefined) listeners!.push(next);
    return next;
  }

  #unlist(listener: FakeListener): void {
    const key = formatAddress(listener.address);
    const others = this.#listeners.get(key)!.filter((other) => other !== listener);
    if (others.length > 0) this.#listeners.set(key, others);
    else this.#listeners.delete(key);
  }

  #withPort(address: Address): Address {
    return address.transport === "tcp" && address.port === 0
      ? { ...address, port: this.#freePort++ }
      : address;
  }

  #clientOf(server: Address): Address {
    return server.transport === "tcp" ? { ...server, port: this.#freePort++ } : server;
  }
}

class FakeListener implements Listener {
  readonly address: Address;
  readonly reusePort: boolean;
  readonly #defer: Defer;
  readonly #unlist: () => void;
  readonly #arrivals: (FakeConn | NetError)[] = [];
  readonly #wakers: (() => void)[] = [];
  #closed = false;

  /** Called once, when the listener closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(address: Address, reusePort: boolean, defer: Defer, unlist: () => void) {
    this.address = address;
    this.reusePort = reusePort;
    this.#defer = defer;
    this.#unlist = unlist;
  }

  async accept(): Promise<FakeConn> {
    while (!this.#closed && this.#arrivals.length === 0) {
      await new Promise<void>((wake) => this.#wakers.push(wake));
    }
    const arrival = this.#arrivals.shift();
    if (arrival instanceof FakeConn) return arrival;
    throw arrival ?? refusal("closed", `accept on ${formatAddress(this.address)}`);
  }

  queue(arrival: FakeConn | NetError): void {
    // Failures come first: the kernel refuses before it hands over who waits.
    if (arrival instanceof NetError) this.#arrivals.unshift(arrival);
    else this.#arrivals.push(arrival);
    this.#wake();
  }

  /** In memory nobody listens in: TLS is taken as given. */
  identify(): void {}

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unlist();
    for (const arrival of this.#arrivals.splice(0)) {
      if (arrival instanceof FakeConn) arrival.reset();
    }
    this.#wake();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) this.#defer(wake);
  }
}

function neverAnswered(sw: Switch, { signal }: ConnectOptions): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const links = [sw.onCancel(reject), signal && onAbort(signal, () => reject(signal.reason))];
  return promise.finally(() => links.forEach((link) => link?.remove()));
}

function refusal(code: NetErrorCode, doing: string): NetError {
  return new NetError(code, `Cannot ${doing}: ${code.replaceAll("-", " ")}`);
}
