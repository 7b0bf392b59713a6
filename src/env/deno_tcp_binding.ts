import process from "node:process";
import { getSystemErrorName } from "node:util";

/** A TCP socket, or a listener, as the platform has it below `node:net`. Numbers below 0 are errors. */
export interface TcpHandle {
  onconnection?: (this: this, status: number) => void;
  onread?: (this: this, bytes: ArrayBuffer | undefined) => void;
  bind(host: string, port: number): number;
  bind6(host: string, port: number, flags: number): number;
  bindWithFlags(host: string, port: number, flags: number): number;
  listen(backlog: number): number;
  accept(into: TcpHandle): number;
  getsockname(into: Partial<SocketName>): number;
  getpeername(into: Partial<SocketName>): number;
  setNoDelay(isOn: boolean): number;
  setKeepAlive(isOn: boolean, delaySeconds: number): number;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writeUtf8String(request: WriteRequest, text: string): number;
  shutdown(request: ShutdownRequest): number;
  close(): void;
}

/** One end of a connection. */
export interface SocketName {
  readonly address: string;
  readonly port: number;
}

/** What stands for a write that is not done at once. */
export interface WriteRequest {
  oncomplete?: (this: this, status: number) => void;
}

/** What stands for a FIN that is not sent at once. */
export type ShutdownRequest = WriteRequest;

/** The platform's sockets, as `node:net` uses them. */
export interface TcpBinding {
  readonly TCP: { new (kind: number): TcpHandle };
  readonly WriteWrap: { new (): WriteRequest };
  readonly ShutdownWrap: { new (): ShutdownRequest };
  readonly constants: {
    readonly SOCKET: number;
    readonly SERVER: number;
    readonly UV_TCP_REUSEPORT: number;
  };
  /** What the last call has left: how many bytes were read, or an error; whether a write waits. */
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

/** The methods without which there is no way. */
const METHODS = [
  ...[
    "bind",
    "bind6",
    "bindWithFlags",
    "listen",
    "accept",
    "getsockname",
    "getpeername",
    "setNoDelay",
  ],
  ...["setKeepAlive", "readStart", "readStop", "writeBuffer", "writeUtf8String", "shutdown"],
  "close",
];

let found: { readonly binding: TcpBinding | undefined } | undefined;

/**
 * The sockets below `node:net`, where this version of the platform has them as we know them, and
 * the thread may use them. A connection costs a third of one of `Deno.listen` there, in memory and in
 * time: nothing is promised, and nothing is held for a read that waits.
 */
export function tcpBinding(): TcpBinding | undefined {
  return (found ??= { binding: find() }).binding;
}

function find(): TcpBinding | undefined {
  const { binding } = process as { binding?: (name: string) => Partial<TcpBinding> };
  if (typeof binding !== "function") return undefined;
  try {
    const all = { ...binding("tcp_wrap"), ...binding("stream_wrap") };
    return isKnown(all) ? all : undefined;
  } catch {
    return undefined; // a lane is closed to it
  }
}

function isKnown(all: Partial<TcpBinding>): all is TcpBinding {
  return METHODS.every((name) => typeof all.TCP?.prototype[name] === "function") &&
    typeof all.WriteWrap === "function" && typeof all.ShutdownWrap === "function" &&
    typeof all.constants?.SOCKET === "number" && typeof all.constants.SERVER === "number" &&
    all.streamBaseState instanceof Int32Array &&
    typeof all.kReadBytesOrError === "number" && typeof all.kLastWriteWasAsync === "number";
}

/** An error number of the platform as an error with its code. */
export function systemError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}
