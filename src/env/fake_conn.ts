import type { Defer } from "../switch/mod.ts";
import { FakePipe, PipeError } from "./fake_pipe.ts";
import { type Address, type Conn, formatAddress, NetError, type PeerState } from "./net.ts";

/** One end of a connection in memory, which behaves as a TCP or a Unix socket of Linux does. */
export class FakeConn implements Conn {
  readonly remote: Address;
  readonly #in: FakePipe;
  readonly #out: FakePipe;
  readonly #canLook: boolean;
  #other: FakeConn | undefined;
  #closed = false;
  #isReset = false;

  /** Called once, when the connection closes. */
  onClose: (() => void) | undefined = undefined;

  private constructor(remote: Address, input: FakePipe, output: FakePipe, canLook: boolean) {
    this.remote = remote;
    this.#in = input;
    this.#out = output;
    this.#canLook = canLook;
  }

  /** Both ends of a new connection; `client` and `server` are where each end is. */
  static pair(
    client: Address,
    server: Address,
    { capacity, canLook, defer = (wake) => wake() }: FakeConnOptions,
  ): FakeConnPair {
    const up = new FakePipe(capacity, defer);
    const down = new FakePipe(capacity, defer);
    const ofClient = new FakeConn(server, down, up, canLook);
    const ofServer = new FakeConn(client, up, down, canLook);
    ofClient.#other = ofServer;
    ofServer.#other = ofClient;
    return { ofClient, ofServer };
  }

  /** Whether this end has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many bytes have come in and were not read yet. */
  get unread(): number {
    return this.#in.size;
  }

  identity(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#guard("read from", () => this.#in.read(buffer));
  }

  write(data: Uint8Array): Promise<number> {
    return this.#guard("write to", () => {
      if (data.length > 0 && this.#other?.closed) return this.#writeToNobody(data);
      return this.#out.write(data);
    });
  }

  closeWrite(): Promise<void> {
    // deno-lint-ignore require-await -- so that what is thrown rejects
    return this.#guard("end the stream to", async () => {
      if (this.#closed) throw new PipeError("closed");
      this.#out.end();
      this.#out.failWriter("connection-reset");
    });
  }

  peer(): Promise<PeerState> {
    if (this.#closed || this.#isReset) return Promise.resolve("gone");
    if (!this.#canLook) return Promise.resolve("unknown");
    return Promise.resolve(this.#other?.closed ? "gone" : "there");
  }

  /** Closes as Deno does: a FIN, and, if there are unread bytes, an RST right behind it. */
  close(): void {
    const hasUnread = this.#in.size > 0;
    if (!this.#close()) return;
    if (hasUnread) this.#other?.receiveReset({ afterFin: true });
  }

  /** Closes both halves with an RST: what is under way is lost, the other end's next use fails. */
  reset(): void {
    if (this.#close()) this.#other?.receiveReset({ afterFin: false });
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** For the other end. */
  receiveReset({ afterFin }: { afterFin: boolean }): void {
    if (this.#closed) return;
    this.#isReset = true;
    this.#out.failWriter("connection-reset");
    if (!afterFin) this.#in.failReader("connection-reset");
  }

  #close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#out.end();
    this.#out.failWriter("closed");
    this.#in.failReader("closed");
    this.onClose?.();
    return true;
  }

  /** TCP learns of it by the answer to its first bytes, a Unix socket knows at once. */
  #writeToNobody(data: Uint8Array): Promise<number> {
    const knew = this.#isReset || this.remote.transport === "unix";
    this.#isReset = true;
    this.#out.failWriter(this.#closed ? "closed" : "connection-reset");
    return knew ? this.#out.write(data) : Promise.resolve(data.length);
  }

  async #guard<T>(doing: string, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof PipeError)) throw error;
      const { code } = error;
      throw new NetError(code, `Cannot ${doing} ${formatAddress(this.remote)}: ${code}`);
    }
  }
}

/** How a fake connection behaves. */
export interface FakeConnOptions {
  /** How many bytes each direction holds before a write waits. */
  readonly capacity: number;

  /** Whether an end can tell that the other has left. */
  readonly canLook: boolean;

  /** Decides when those go on who wait for bytes or for room. Without it they do at once. */
  readonly defer?: Defer | undefined;
}

/** The two ends of a fake connection. */
export interface FakeConnPair {
  /** The end of the one who connected. */
  readonly ofClient: FakeConn;

  /** The end of the one who accepted. */
  readonly ofServer: FakeConn;
}
