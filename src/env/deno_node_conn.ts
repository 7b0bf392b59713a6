import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { closedError, toNetError } from "./deno_net_error.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import { type Address, type Conn, formatAddress, type PeerState } from "./net.ts";

/** A connection of `node:net`. */
export class NodeConn implements Conn {
  readonly remote: Address;
  readonly #socket: Socket;
  readonly #peers: PeerTable;
  readonly #since: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #hasEnded = false;
  #failure: Error | undefined;
  #closed = false;
  #news = Promise.withResolvers<void>();

  /** Called once, when the connection closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(socket: Socket, remote: Address, peers: PeerTable) {
    this.#socket = socket;
    this.#peers = peers;
    this.#since = peers.readings;
    this.remote = remote;
    socket.on("readable", () => this.#wake());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#failure ??= error;
      this.#wake();
    });
    socket.on("close", () => this.#wake());
  }

  identity(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunk.length === 0) {
      this.#check("read from");
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk !== null) this.#chunk = chunk;
      else if (this.#hasEnded) return null;
      else await this.#news.promise;
    }
    const taken = this.#chunk.subarray(0, buffer.length);
    buffer.set(taken);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken.length;
  }

  async write(data: Uint8Array): Promise<number> {
    this.#check("write to");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settled = (error?: Error | null) => error ? reject(error) : resolve();
    this.#socket.write(Buffer.from(data.buffer, data.byteOffset, data.length), settled);
    try {
      await promise;
      return data.length;
    } catch (cause) {
      throw this.#error("write to", cause);
    }
  }

  async closeWrite(): Promise<void> {
    this.#check("end the stream to");
    await new Promise<void>((resolve) => this.#socket.end(resolve));
  }

  async peer(): Promise<PeerState> {
    if (this.#closed || this.#failure !== undefined) return "gone";
    const { localAddress, localPort } = this.#socket;
    if (this.remote.transport !== "tcp" || localAddress === undefined) return "unknown";
    const local = { hostname: localAddress, port: localPort!, transport: "tcp" } as const;
    return await this.#peers.look(local, { ...this.remote }, this.#since);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#wake();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #check(doing: string): void {
    if (this.#closed || this.#failure !== undefined) throw this.#error(doing, this.#failure);
    if (this.#socket.destroyed) throw this.#error(doing, { code: "ECONNRESET" });
  }

  #error(doing: string, cause: unknown): Error {
    const what = `${doing} ${formatAddress(this.remote)}`;
    return this.#closed ? closedError(what) : toNetError(what, cause);
  }
}
