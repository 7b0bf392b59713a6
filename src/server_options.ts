import type { PrincipalSpec } from "./access/mod.ts";
import type {
  Address,
  Dir,
  Env,
  InheritedAddress,
  SignalListener,
  TlsIdentity,
} from "./env/mod.ts";
import type { WorkerPoolOptions } from "./pool/mod.ts";
import type { Dialects } from "./protocol/mod.ts";

/** One of the places where a server listens. */
export interface Endpoint {
  /** Where. */
  readonly address: Address | InheritedAddress;

  /**
   * Whether TLS is spoken there, with the identity that `security` gives.
   *
   * @default {false}
   */
  readonly tls?: boolean;

  /**
   * The permissions of a Unix socket's file: who may write to it is let in, and asked no more.
   *
   * @default {0o600}
   */
  readonly mode?: number;

  /**
   * Whether other servers that say so too may listen on the same TCP port, each with its share of the
   * connections.
   *
   * @default {false}
   */
  readonly reusePort?: boolean;
}

/** Who is let in, and what they are shown. */
export interface Security {
  /** What is shown where TLS is spoken, and asked of clients there. */
  readonly tls?: TlsIdentity;

  /**
   * Who may ask: by a token, or a certificate with their name. With any, everybody is asked, but on a
   * Unix socket.
   *
   * @default {everybody}
   */
  readonly principals?: readonly PrincipalSpec[];
}

/** Options for {@linkcode runServer}. */
export interface ServerOptions extends Omit<WorkerPoolOptions, "jobs" | "waitFor"> {
  /** Where to listen. Port 0 is any free one; the log and `onListening` tell which. */
  readonly listen: Address | readonly Endpoint[];

  /**
   * Gives who is let in, and what they are shown: called at the start, and with each reload. What it
   * throws keeps the server from starting, and a reload from being more than a line in the log.
   */
  readonly security?: () => Security | Promise<Security>;

  /** Asks for reloads: with each, `security` is called again. A listener for SIGHUP will do. */
  readonly reloads?: Pick<SignalListener, "next">;

  /**
   * Whether to listen beyond this machine though nobody is asked who they are.
   *
   * @default {false}
   */
  readonly insecure?: boolean;

  /** The folder of job files. */
  readonly jobs: Dir;

  /**
   * What is spoken: everything, or only the number lines of the original service.
   *
   * @default {"all"}
   */
  readonly dialects?: Dialects;

  /**
   * The job that a line with just a number goes to.
   *
   * @default {"fib"}
   */
  readonly defaultJob?: string;

  /**
   * How many clients are served at once, over all places; the next gets one line and a close.
   *
   * @default {1024}
   */
  readonly maxConnections?: number;

  /**
   * How long a line may be, in bytes.
   *
   * @default {65_536}
   */
  readonly maxLineBytes?: number;

  /**
   * How many requests of one client may be under way before it is not read.
   *
   * @default {64}
   */
  readonly maxInFlight?: number;

  /**
   * How many requests of one client are taken a second; its next lines wait.
   *
   * @default {as many as come}
   */
  readonly rate?: number;

  /**
   * How long a client may take to end a line, and to say who it is where that is asked, in
   * milliseconds.
   *
   * @default {30_000}
   */
  readonly lineMs?: number;

  /**
   * How long a client may ask nothing when all that it asked for is answered, in milliseconds.
   *
   * @default {as long as it likes}
   */
  readonly idleMs?: number;

  /**
   * How long a line of a reply may be, in bytes, its end not counted. A longer one gives way to an
   * error that says so.
   *
   * @default {65_536}
   */
  readonly maxReplyBytes?: number;

  /**
   * After how many lines that cannot be read a client is let go.
   *
   * @default {20}
   */
  readonly maxProtocolErrors?: number;

  /**
   * How many bytes may wait to be sent to a client before it is not read.
   *
   * @default {1_048_576}
   */
  readonly maxPendingBytes?: number;

  /**
   * How long a client may take nothing of what is sent to it, in milliseconds; then it is cut.
   *
   * @default {10_000}
   */
  readonly stallMs?: number;

  /**
   * How long what runs may take to finish after `stop`, in milliseconds, before it is cut.
   *
   * @default {10_000}
   */
  readonly drainMs?: number;

  /** Abort it to drain: accept no more, finish what was asked for, up to `drainMs`. */
  readonly stop?: AbortSignal;

  /** Abort it to cut: stop everything now. */
  readonly cut?: AbortSignal;

  /** Called once it serves, with the addresses that are really listened on: the first, and all. */
  readonly onListening?: (address: Address, all: readonly Address[]) => void;
}

/**
 * How a server ended: everything was finished, some of it was cut, or it stopped by itself, for it
 * has threads that cannot be killed and the program must be restarted to be rid of them.
 */
export type ServerEnd = "drained" | "cut" | "unfit";

/** The parts of the machine that {@linkcode runServer} uses. */
export type ServerEnv = Pick<Env, "net" | "threads" | "clock" | "log">;
