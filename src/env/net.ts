import type { Switch } from "../switch/mod.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";

/** A TCP endpoint. Port 0 asks for any free port; {@linkcode Listener.address} tells which it became. */
export interface TcpAddress {
  /** What tells the kinds of address apart. */
  readonly transport: "tcp";

  /** An IP address, or a name that resolves to one. */
  readonly hostname: string;

  /** From 0 to 65535. */
  readonly port: number;
}

/** A Unix domain socket. */
export interface UnixAddress {
  /** What tells the kinds of address apart. */
  readonly transport: "unix";

  /** Where the socket's file is. */
  readonly path: string;
}

/** A socket that listens already, opened by whoever started this process: systemd, for instance. */
export interface InheritedAddress {
  /** What tells the kinds of address apart. */
  readonly transport: "inherited";

  /** The number of its file descriptor: 3 is the first that systemd hands over. */
  readonly fd: number;
}

/** Where a {@linkcode Net} connects, or listens. */
export type Address = TcpAddress | UnixAddress;

/** What a server shows its clients, and asks of them, before it speaks. All as PEM texts. */
export interface TlsIdentity {
  /** The certificate, and those between it and its authority. */
  readonly cert: string;

  /** The certificate's private key. */
  readonly key: string;

  /**
   * The authorities whose clients are let in: each must show a certificate of one of them. Left
   * out, clients need none.
   */
  readonly clientAuthorities?: string;
}

/** What a client asks of a TLS server, and shows it. All as PEM texts. */
export interface TlsClientOptions {
  /**
   * The authorities that the server's certificate must be of.
   *
   * @default {those of the machine}
   */
  readonly authorities?: string;

  /** The client's own certificate, where the server asks for one. */
  readonly cert?: string;

  /** The private key of `cert`. */
  readonly key?: string;
}

/** Options for {@linkcode Net.listen}. */
export interface ListenOptions {
  /** Speaks TLS to whoever connects. */
  readonly tls?: TlsIdentity;

  /**
   * The permissions of a Unix socket's file, such as `0o600`: who may write to it may connect. The
   * file never has any others.
   *
   * @default {what the process leaves to new files}
   */
  readonly mode?: number;

  /**
   * How many connections the kernel keeps waiting for `accept`.
   *
   * @default {511}
   */
  readonly backlog?: number;

  /**
   * Whether others who say so too may listen on the same TCP port: the kernel gives each connection to
   * one of them. It takes an IP address.
   *
   * @default {false}
   */
  readonly reusePort?: boolean;
}

/** Options for {@linkcode Net.connect}. */
export interface ConnectOptions {
  /** Gives the attempt up. */
  readonly signal?: AbortSignal;

  /** Speaks TLS to the server. For TCP only. */
  readonly tls?: TlsClientOptions;
}

/** The authority to use the network. */
export interface Net {
  /**
   * Listens on `address` until `sw` ends. Rejects with a {@linkcode NetError}.
   *
   * The file of a Unix socket goes when the listener closes; one that a dead process left behind
   * is replaced, one that is answered is `address-in-use`.
   */
  listen(
    sw: Switch,
    address: Address | InheritedAddress,
    options?: ListenOptions,
  ): Promise<Listener>;

  /**
   * Connects to `address`; the connection is closed when `sw` ends, if it was not before. Rejects
   * with a {@linkcode NetError}, or with the signal's reason.
   */
  connect(sw: Switch, address: Address, options?: ConnectOptions): Promise<Conn>;
}

/** A socket that accepts connections. */
export interface Listener extends Disposable {
  /** The address that is really listened on. */
  readonly address: Address;

  /**
   * Waits for the next connection, which belongs to the caller from then on. Rejects with a
   * {@linkcode NetError}: `closed` after {@linkcode Listener.close}, anything else (`too-many-files`,
   * `connection-aborted`) leaves the listener usable.
   */
  accept(): Promise<Conn>;

  /**
   * Shows a new identity to those who connect from now on. Throws a TypeError where the listener
   * does not speak TLS, or the certificate cannot be used; then the old one stays.
   */
  identify(tls: TlsIdentity): void;

  /** Stops listening; a waiting `accept` rejects with `closed`. A second call does nothing. */
  close(): void;
}

/**
 * Whether there is still someone at the other end of a connection: `there` may yet read what is
 * written, `gone` has closed both halves or ended, `unknown` cannot be told without writing.
 */
export type PeerState = "there" | "gone" | "unknown";

/** A connected byte stream. One read and one write may be under way at a time. */
export interface Conn extends ByteSource, ByteSink, Disposable {
  /** The address of the peer. */
  readonly remote: Address;

  /**
   * Who the peer's certificate says it is, its common name; `undefined` where none was asked for.
   * With TLS it waits until keys are agreed on, and rejects with a {@linkcode NetError} where they
   * are not; a read does too.
   */
  identity(): Promise<string | undefined>;

  /**
   * Reads what there is into `buffer`, at least one byte, and waits where there is none. Resolves
   * to the number of bytes, or to `null` when the peer has ended its half (FIN). Rejects with a
   * {@linkcode NetError}: `connection-reset` after RST, `closed` after {@linkcode Conn.close}.
   */
  read(buffer: Uint8Array): Promise<number | null>;

  /**
   * Writes bytes from `data`, perhaps not all, and waits while the peer does not read. Resolves to
   * the number written. Rejects with a {@linkcode NetError}.
   */
  write(data: Uint8Array): Promise<number>;

  /** Ends our half (FIN); the peer's half goes on. */
  closeWrite(): Promise<void>;

  /**
   * Looks whether the peer is still there, without sending it anything. This tells a peer that has
   * only ended its half, and waits for replies, from one that has left: both look the same to
   * `read`. Where to look costs much, it may be what was so a moment ago: look again a little later.
   * Never rejects.
   */
  peer(): Promise<PeerState>;

  /** Closes both halves; a waiting read or write rejects with `closed`. A second call does nothing. */
  close(): void;
}

/** What went wrong on the network, as a word that a program can match. */
export type NetErrorCode =
  | "address-in-use"
  | "address-not-available"
  | "permission-denied"
  | "connection-refused"
  | "connection-reset"
  | "connection-aborted"
  | "timed-out"
  | "too-many-files"
  | "untrusted"
  | "closed"
  | "other";

/** A failure of the network. `cause` is the platform's own error. */
export class NetError extends Error {
  /** The name of the class. */
  override readonly name: string = "NetError";

  /** What went wrong, for programs. */
  readonly code: NetErrorCode;

  /** Make a network error with this code and message. */
  constructor(code: NetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * An address as people write it, and as `--listen` takes it.
 *
 * ```ts
 * import { formatAddress } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatAddress({ transport: "tcp", hostname: "::1", port: 8080 }), "[::1]:8080");
 * assertEquals(formatAddress({ transport: "unix", path: "/run/jobs.sock" }), "unix:/run/jobs.sock");
 * ```
 */
export function formatAddress(address: Address | InheritedAddress): string {
  if (address.transport === "unix") return `unix:${address.path}`;
  if (address.transport === "inherited") return `fd:${address.fd}`;
  const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return `${host}:${address.port}`;
}
