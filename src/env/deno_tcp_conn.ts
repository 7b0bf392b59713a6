import type { ByteReceiver } from "./bytes.ts";
import { closedError, toNetError } from "./deno_net_error.ts";
import type { PeerTable } from "./deno_peer_table.ts";
import {
  systemError,
  type TcpBinding,
  type TcpHandle,
  type WriteRequest,
} from "./deno_tcp_binding.ts";
import { type Conn, formatAddress, type PeerState, type TcpAddress } from "./net.ts";

const NOTHING = new Uint8Array(0);

/** How the platform says that the peer has sent its FIN. */
const END_OF_FILE = -4095;

/** A handle that knows whose it is: one function serves all of them. */
interface OwnHandle extends TcpHandle {
  owner?: TcpConn;
}

/** A write that waits, and who is told of its end. */
interface OwnRequest extends WriteRequest {
  owner?: TcpConn | undefined;
  done?: ((error?: Error) => void) | undefined;
}

/** A connection by the sockets below `node:net`. */
export class TcpConn implements Conn {
  readonly remote: TcpAddress;
  readonly #binding: TcpBinding;
  readonly #handle: OwnHandle;
  readonly #peers: PeerTable;
  readonly #since: number;
  #receiver: ByteReceiver | undefined = undefined;
  /** What came before somebody asked for it: bytes, and the end as `undefined`. */
  #early: (Uint8Array<ArrayBuffer> | undefined)[] | undefined = undefined;
  #isReading = false;
  #hasEnded = false;
  #closed = false;

  /** Called once, when the connection closes. */
  onClose: (() => void) | undefined = undefined;

  constructor(binding: TcpBinding, handle: TcpHandle, remote: TcpAddress, peers: PeerTable) {
    this.#binding = binding;
    this.#handle = handle;
    this.#handle.owner = this;
    this.#handle.onread = TcpConn.#onRead;
    this.#peers = peers;
    this.#since = peers.readings;
    this.remote = remote;
  }

  identity(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  receive(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    if (this.#closed || this.#hasEnded || this.#early !== undefined) {
      queueMicrotask(() => this.#hand());
    } else if (!this.#isReading) this.#resume();
  }

  send(data: string | Uint8Array, done: (error?: Error) => void): boolean {
    if (this.#closed) throw this.#error("write to", undefined);
    const { streamBaseState, kLastWriteWasAsync } = this.#binding;
    const request: OwnRequest = spare ??= new this.#binding.WriteWrap();
    const status = typeof data === "string"
      ? this.#handle.writeUtf8String(request, data)
      : this.#handle.writeBuffer(request, data);
    if (status < 0) throw this.#error("write to", systemError(status));
    if (streamBaseState[kLastWriteWasAsync] === 0) return true;
    spare = undefined;
    request.owner = this;
    request.done = done;
    request.oncomplete = TcpConn.#onWritten;
    return false;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (buffer.length === 0) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      this.receive({
        received: (bytes) => resolve(this.#copy(bytes, buffer)),
        ended: () => resolve(null),
        failed: reject,
      });
    });
  }

  write(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => error === undefined ? resolve(data.length) : reject(error);
      if (this.send(data, done)) resolve(data.length);
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#error("end the stream to", undefined);
      const request = new this.#binding.ShutdownWrap();
      const fail = (status: number) =>
        reject(this.#error("end the stream to", systemError(status)));
      request.oncomplete = (status) => status < 0 ? fail(status) : resolve();
      const status = this.#handle.shutdown(request);
      if (status < 0) fail(status);
    });
  }

  /** A write of nothing tells what the kernel knows: after an RST, it fails. */
  async peer(): Promise<PeerState> {
    const isGone = this.#closed || await this.write(NOTHING).then(() => false, () => true);
    if (isGone) return "gone";
    const name = { address: "", port: 0 };
    if (this.#handle.getsockname(name) < 0) return "gone";
    const local: TcpAddress = { transport: "tcp", hostname: name.address, port: name.port };
    return await this.#peers.look(local, this.remote, this.#since);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
    if (this.#receiver !== undefined) queueMicrotask(() => this.#hand());
    this.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static #onRead(this: OwnHandle, bytes: ArrayBuffer | undefined): void {
    this.owner!.#come(bytes);
  }

  static #onWritten(this: OwnRequest, status: number): void {
    const conn = this.owner!;
    this.done!(status < 0 ? conn.#error("write to", systemError(status)) : undefined);
  }

  /** Hands on what has come. Who does not ask for more at once has to wait for it to be read. */
  #come(bytes: ArrayBuffer | undefined): void {
    const status = this.#binding.streamBaseState[this.#binding.kReadBytesOrError]!;
    if (status === 0 || this.#closed) return;
    if (status < 0) this.#hasEnded = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver === undefined) this.#keep(status < 0 ? undefined : new Uint8Array(bytes!));
    else if (status === END_OF_FILE) receiver.ended();
    else if (status < 0) receiver.failed(this.#error("read from", systemError(status)));
    else receiver.received(new Uint8Array(bytes!));
    if (this.#receiver === undefined) this.#pause();
  }

  #keep(bytes: Uint8Array<ArrayBuffer> | undefined): void {
    (this.#early ??= []).push(bytes);
  }

  /** Gives who asks what came early, or why there is nothing any more. */
  #hand(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    const bytes = this.#early?.shift();
    if (this.#early?.length === 0) this.#early = undefined;
    if (this.#closed) receiver?.failed(this.#error("read from", undefined));
    else if (bytes !== undefined) receiver?.received(bytes);
    else receiver?.ended();
  }

  /** Copies bytes to one who brought a buffer, and keeps what does not fit. */
  #copy(bytes: Uint8Array<ArrayBuffer>, buffer: Uint8Array): number {
    const taken = bytes.subarray(0, buffer.length);
    buffer.set(taken);
    if (taken.length < bytes.length) (this.#early ??= []).unshift(bytes.subarray(taken.length));
    return taken.length;
  }

  #resume(): void {
    this.#isReading = true;
    const status = this.#handle.readStart();
    if (status < 0) {
      this.#hasEnded = true;
      queueMicrotask(() => this.#hand());
    }
  }

  #pause(): void {
    if (!this.#isReading || this.#closed) return;
    this.#isReading = false;
    this.#handle.readStop();
  }

  #error(doing: string, cause: unknown): Error {
    const what = `${doing} ${formatAddress(this.remote)}`;
    return this.#closed ? closedError(what) : toNetError(what, cause);
  }
}

/** A request for the next write: one that is done at once leaves it to the next. */
let spare: OwnRequest | undefined;
