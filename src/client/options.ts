import type { Clock, Net, TlsClientOptions } from "../env/mod.ts";
import type { JobPriority, Progress } from "../job/mod.ts";

/** The parts of the machine that a {@linkcode Client} uses. */
export interface ClientEnv {
  /** Connects. */
  readonly net: Net;

  /** Times the pauses before it connects again. */
  readonly clock: Clock;
}

/** Options for {@linkcode connect}. */
export interface ClientOptions {
  /** Ends the client at once: what is under way fails with `CLOSED`, and the server cancels it. */
  readonly signal?: AbortSignal;

  /** Speaks TLS to the server. */
  readonly tls?: TlsClientOptions;

  /** Shown to a server that asks who is there. */
  readonly token?: string;

  /**
   * How many calls are sent and unanswered at a time; more wait here, in the order of the calls, and
   * are not lost when the connection is.
   *
   * @default {64, which is what the server reads of one client}
   */
  readonly maxInFlight?: number;

  /**
   * How often in a row it tries to connect again when the connection is lost; then what waits fails
   * with `LOST`. The pauses grow from 100 ms to 5 s, less a random part. 0 for never.
   *
   * @default {10}
   */
  readonly reconnects?: number;

  /**
   * The longest reply, in bytes.
   *
   * @default {16_777_216}
   */
  readonly maxReplyBytes?: number;
}

/** Options for {@linkcode Client.call}. */
export interface CallOptions {
  /**
   * Cancels the call. One that waits here is never sent; for one that was sent the job is stopped,
   * and the call rejects when the server has said how.
   */
  readonly signal?: AbortSignal;

  /** How long the job may run, from its start, in milliseconds: not longer than the server allows. */
  readonly deadlineMs?: number;

  /**
   * How urgent it is.
   *
   * @default {"normal"}
   */
  readonly priority?: JobPriority;

  /**
   * Whether the input is a text, as on a line, which the job's own `parse` reads; the result is then
   * the text that its `format` makes.
   *
   * @default {false}
   */
  readonly text?: boolean;

  /** Called as the job comes along. */
  readonly onProgress?: (progress: Progress) => void;
}
