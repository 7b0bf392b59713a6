import type { AddressInfo, Server, Socket } from "node:net";
import { NodeConn } from "./deno_node_conn.ts";
import { closedError } from "./deno_net_error.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import { type Address, type Conn, formatAddress, type Listener, type TcpAddress } from "./net.ts";

/** A listener of `node:net`, which can take what `Deno.listen` cannot: a socket that listens already. */
export class NodeListener implements Listener {
  readonly address: Address;
  readonly #server: Server;
  readonly #peers: PeerTable;
  readonly #arrivals: NodeConn[] = [];
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  /** Called once, when the listener closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(server: Server, peers: PeerTable) {
    this.address = addressOf(server);
    this.#server = server;
    this.#peers = peers;
    server.on("connection", (socket) => this.#arrive(socket));
  }

  async accept(): Promise<Conn> {
    for (;;) {
      const conn = this.#arrivals.shift();
      if (conn !== undefined) return conn;
      if (this.#closed) throw closedError(`accept on ${formatAddress(this.address)}`);
      await this.#arrived.promise;
    }
  }

  identify(): never {
    throw new TypeError(`Cannot identify ${formatAddress(this.address)}: it does not speak TLS`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const conn of this.#arrivals.splice(0)) conn.close();
    this.#wake();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Takes a connection that may be accepted. */
  #arrive(socket: Socket): void {
    this.#arrivals.push(new NodeConn(socket, this.#remoteOf(socket), this.#peers));
    this.#wake();
  }

  /** Where a connection comes from. The client's end of a Unix socket has no path as a rule. */
  #remoteOf({ remoteAddress = "", remotePort = 0 }: Socket): Address {
    if (this.address.transport === "unix") return this.address;
    return { transport: "tcp", hostname: remoteAddress, port: remotePort };
  }

  #wake(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

/** Resolves when the server listens; rejects with the platform's error when it cannot. */
export async function untilListening(server: Server, options: object): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(options, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
}

function addressOf(server: Server): Address {
  const address = server.address();
  if (typeof address === "string") return { transport: "unix", path: address };
  const { address: hostname, port }: AddressInfo = address!;
  return { transport: "tcp", hostname, port } satisfies TcpAddress;
}
