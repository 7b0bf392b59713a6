import { closedError, toNetError } from "./deno_net_error.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import { type Address, type Conn, formatAddress, type PeerState } from "./net.ts";

const NOTHING = new Uint8Array(0);

/** A connection of the platform. */
export class DenoConn implements Conn {
  readonly remote: Address;
  readonly #conn: Deno.Conn;
  readonly #peers: PeerTable;
  readonly #since: number;
  #writing = false;
  #closed = false;

  /** Called once, when the connection closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(conn: Deno.Conn, remote: Address, peers: PeerTable) {
    this.#conn = conn;
    this.#peers = peers;
    this.#since = peers.readings;
    this.remote = remote;
  }

  identity(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(buffer);
    } catch (cause) {
      throw this.#error("read from", cause);
    }
  }

  async write(data: Uint8Array): Promise<number> {
    this.#writing = true;
    try {
      return await this.#conn.write(data);
    } catch (cause) {
      throw this.#error("write to", cause);
    } finally {
      this.#writing = false;
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw this.#error("end the stream to", cause);
    }
  }

  async peer(): Promise<PeerState> {
    if (this.#closed || await this.#failed()) return "gone";
    if (this.remote.transport === "unix") return "there";
    return await this.#peers.look(this.#conn.localAddr, this.#conn.remoteAddr, this.#since);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Whether the kernel knows that writing is in vain, which a write of nothing tells: after an RST,
   * and on a Unix socket as soon as the peer has closed both halves. A write under way will find
   * it out by itself, and must not be waited for.
   */
  async #failed(): Promise<boolean> {
    if (this.#writing) return false;
    try {
      await this.#conn.write(NOTHING);
      return false;
    } catch {
      return true;
    }
  }

  #error(doing: string, cause: unknown): Error {
    const what = `${doing} ${formatAddress(this.remote)}`;
    return this.#closed ? closedError(what) : toNetError(what, cause);
  }
}
