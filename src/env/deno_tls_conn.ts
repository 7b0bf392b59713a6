import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";
import { closedError, toNetError } from "./deno_net_error.ts";
import { type Address, type Conn, formatAddress, NetError, type PeerState } from "./net.ts";

/** How long a client may take to agree on keys, in milliseconds. */
const HANDSHAKE_MS = 10_000;

/** How many bytes wait to be read before no more are taken from the client. */
const MAX_UNREAD = 1 << 16;

/** The size of a read of the encrypted stream: that of a TLS record. */
const READ_BYTES = 1 << 14;

/** How a server agrees on keys with its clients. */
export interface TlsServerSide {
  readonly context: SecureContext;
  /** Whether each client must show a certificate. */
  readonly asksClients: boolean;
}

/**
 * The server's end of a connection that speaks TLS, over one that does not.
 *
 * The TLS socket of the platform forgets the end of a stream that comes while it is paused. So it is
 * never paused here: what waits is what it is fed with.
 */
export class TlsConn implements Conn {
  readonly remote: Address;
  readonly #conn: Conn;
  readonly #socket: TLSSocket;
  readonly #wire: Wire;
  readonly #asksClients: boolean;
  readonly #agreed = Promise.withResolvers<void>();
  readonly #late: ReturnType<typeof setTimeout>;
  readonly #chunks: Uint8Array[] = [];
  #unread = 0;
  #hasAgreed = false;
  #hasEnded = false;
  #failure: Error | undefined;
  #closed = false;
  #news = Promise.withResolvers<void>();

  /** Called once, when the connection closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(conn: Conn, { context, asksClients }: TlsServerSide) {
    this.remote = conn.remote;
    this.#conn = conn;
    this.#wire = new Wire(conn);
    this.#asksClients = asksClients;
    // It takes any duplex stream, which its types do not say.
    this.#socket = new TLSSocket(
      this.#wire as unknown as Socket,
      {
        isServer: true,
        secureContext: context,
        requestCert: asksClients,
        rejectUnauthorized: asksClients,
        allowHalfOpen: true,
      } as ConstructorParameters<typeof TLSSocket>[1],
    );
    this.#agreed.promise.catch(() => {});
    this.#late = setTimeout(() => this.#fail(this.#tooLate()), HANDSHAKE_MS);
    this.#listen();
    void this.#pump();
  }

  async identity(): Promise<string | undefined> {
    await this.#agreed.promise;
    return this.#socket.getPeerCertificate()?.subject?.CN;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      this.#check("read from");
      if (this.#chunks.length > 0) return this.#take(buffer);
      if (this.#hasEnded) return null;
      await this.#news.promise;
    }
  }

  async write(data: Uint8Array): Promise<number> {
    await this.#use("write to", (done) => {
      this.#socket.write(Buffer.from(data.buffer, data.byteOffset, data.length), done);
    });
    await this.#use("write to", (done) => this.#wire.sent.then(() => done(), done));
    return data.length;
  }

  closeWrite(): Promise<void> {
    return this.#use("end the stream to", (done) => void this.#socket.end(done));
  }

  async peer(): Promise<PeerState> {
    return this.#closed || this.#failure !== undefined ? "gone" : await this.#conn.peer();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#late);
    this.#agreed.reject(closedError(this.#doing("agree on keys with")));
    this.#socket.destroy();
    this.#conn.close();
    this.#wake();
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #listen(): void {
    this.#socket.on("secure", () => {
      if (this.#asksClients && !isVerified(this.#socket)) return this.#fail(this.#untrusted());
      clearTimeout(this.#late);
      this.#hasAgreed = true;
      this.#agreed.resolve();
    });
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#unread += chunk.length;
      this.#wake();
    });
    this.#socket.on("end", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    this.#socket.on("error", (error) => this.#fail(this.#toError(error)));
    this.#wire.on("error", (error) => this.#fail(this.#toError(error)));
  }

  /** Feeds the socket, as long as somebody reads what comes out of it. */
  async #pump(): Promise<void> {
    try {
      for (;;) {
        while (this.#unread > MAX_UNREAD) await this.#news.promise;
        const buffer = new Uint8Array(READ_BYTES);
        const count = await this.#conn.read(buffer);
        if (this.#closed) return;
        if (count === null && !this.#hasAgreed) throw this.#leftEarly();
        this.#wire.push(count === null ? null : Buffer.from(buffer.buffer, 0, count));
        if (count === null) return;
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #take(buffer: Uint8Array): number {
    const [chunk] = this.#chunks as [Uint8Array];
    const taken = chunk.subarray(0, buffer.length);
    buffer.set(taken);
    if (taken.length === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(taken.length);
    this.#unread -= taken.length;
    this.#wake();
    return taken.length;
  }

  async #use(doing: string, use: (done: (error?: Error | null) => unknown) => void): Promise<void> {
    this.#check(doing);
    const done = Promise.withResolvers<void>();
    this.#news.promise.then(() => this.#closed && done.reject(closedError(this.#doing(doing))));
    try {
      use((error) => error ? done.reject(error) : done.resolve());
      await done.promise;
    } catch (cause) {
      throw this.#closed ? closedError(this.#doing(doing)) : this.#toError(cause, doing);
    }
  }

  #check(doing: string): void {
    if (this.#closed) throw closedError(this.#doing(doing));
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(failure: Error): void {
    if (this.#closed) return;
    this.#failure ??= failure;
    clearTimeout(this.#late);
    this.#agreed.reject(this.#failure);
    this.#wake();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #toError(cause: unknown, doing = "speak TLS with"): NetError {
    return cause instanceof NetError ? cause : toNetError(this.#doing(doing), cause);
  }

  #untrusted(): NetError {
    const why = "its certificate is of no authority that clients here must have";
    return new NetError("untrusted", `Cannot ${this.#doing("speak TLS with")}: ${why}`);
  }

  /** The platform's socket says nothing of it, and would wait on. */
  #leftEarly(): NetError {
    const why = "it left before it had agreed on keys";
    return new NetError("connection-reset", `Cannot ${this.#doing("speak TLS with")}: ${why}`);
  }

  #tooLate(): NetError {
    const limit = `it did not agree on keys within ${HANDSHAKE_MS / 1000} s, which is the limit`;
    return new NetError("timed-out", `Cannot ${this.#doing("speak TLS with")}: ${limit}`);
  }

  #doing(doing: string): string {
    return `${doing} ${formatAddress(this.remote)}`;
  }
}

/** The encrypted side of a TLS socket: what it writes goes to `conn`, and what is pushed it reads. */
class Wire extends Duplex {
  readonly #conn: Conn;

  /** Settles when all that was written has been taken by `conn`; the socket itself does not wait. */
  sent: Promise<void> = Promise.resolve();

  constructor(conn: Conn) {
    super({ allowHalfOpen: true });
    this.#conn = conn;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.sent = writeAll(this.#conn, chunk);
    this.sent.then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#conn.closeWrite().then(() => done(), done);
  }
}

async function writeAll(conn: Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

/**
 * Whether the client's certificate is of an authority that was named. `TLSSocket.authorized` is set
 * by `tls.Server` alone, from this; where the platform has it no more, nobody is.
 */
function isVerified(socket: TLSSocket): boolean {
  const { ssl } = socket as TLSSocket & { ssl?: { verifyError?(): unknown } };
  return typeof ssl?.verifyError === "function" && !ssl.verifyError();
}
