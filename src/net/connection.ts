import type { Address, Clock, Conn, Timer } from "../env/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";
import type { Cancelled, Switch } from "../switch/mod.ts";
import { type HalfClose, hasDeparted } from "./departure.ts";
import { type Inbox, inboxOf, type InboxOwner } from "./inbox.ts";
import { LineReader } from "./line_reader.ts";
import { LineWriter } from "./line_writer.ts";

/** Options for a {@linkcode Connection}. */
export interface ConnectionOptions {
  /** Times stalls and the looks at a peer that has sent its FIN. */
  readonly clock: Clock;

  /**
   * The longest line that is read.
   *
   * @default {65536}
   */
  readonly maxLineBytes?: number;

  /**
   * How much may wait to be sent.
   *
   * @default {1048576}
   */
  readonly maxPendingBytes?: number;

  /**
   * How long the peer may go without taking a byte.
   *
   * @default {10000}
   */
  readonly stallMs?: number;

  /**
   * What a FIN of the peer means for what it still waits for: `answer` it, `cancel` it, or `auto`:
   * cancel it if the peer has left, as far as can be told.
   *
   * @default {"auto"}
   */
  readonly halfClose?: HalfClose;

  /**
   * With `auto`, where the machine cannot tell: a FIN that comes later than this after the last
   * byte is taken for a peer that left; an earlier one ends the input of a script.
   *
   * @default {1000}
   */
  readonly promptFinMs?: number;
}

/** How often a peer that is not read is looked after. */
const UNREAD_LOOK_MS = 1000;

/** How long a peer that was told to end may go on sending before it is cut. */
const LINGER_MS = 1000;

/**
 * How long after its FIN a peer that is owed something is looked at. Most have their reply by then,
 * and a look has the kernel list all of the machine's sockets.
 */
const LOOK_AFTER_MS = 20;

/**
 * Lines from and to one peer, in the lifetime of a switch that ends with the peer.
 *
 * The peer's FIN ends `reader`; what was asked for is still answered, unless the peer is found to
 * have left. A reset, a failed write, a stall or such a departure fails the switch, which cancels
 * all that runs for the peer; the cancelled switch ends every wait of `reader` and `writer`.
 *
 * As long as a read is under way, FIN and RST are seen at once. Whoever stops reading, because the
 * peer has asked for enough, says so by {@linkcode Connection.leaveUnread}: a peer that leaves is
 * found by a look now and then, where the machine can tell, and else with the next write.
 *
 * ```ts
 * import { Connection, FakeNet, fakeEnv, Switch } from "@switchyard/switchyard";
 *
 * await Switch.run(async (sw) => {
 *   const { net, clock } = fakeEnv();
 *   const listener = await net.listen(sw, { transport: "unix", path: "/run/echo.sock" });
 *   const client = new Connection(sw, await net.connect(sw, listener.address), { clock });
 *   client.writer.writeLine("hello");
 *   const server = new Connection(sw, sw.use(await listener.accept()), { clock });
 *   await server.reader.readLine(); // "hello"
 * });
 * ```
 */
export class Connection {
  /** The address of the peer. */
  readonly remote: Address;

  /** The peer's lines. */
  readonly reader: LineReader;

  /** Our lines. */
  readonly writer: LineWriter;

  readonly #sw: Switch;
  readonly #conn: Conn;
  readonly #clock: Clock;
  readonly #halfClose: HalfClose;
  readonly #promptFinMs: number;
  readonly #inbox: Inbox;
  #looking: Timer | undefined = undefined;
  #unread: Timer | undefined = undefined;
  #isUnread = false;
  #hasFin = false;
  #isAnswered = false;
  #isEnding = false;

  /** Speak over `conn` until `sw` ends. The caller sees to it that `conn` is closed then. */
  constructor(sw: Switch, conn: Conn, options: ConnectionOptions) {
    const { clock, halfClose = "auto", promptFinMs = 1000 } = options;
    this.#sw = sw;
    this.#conn = conn;
    this.#clock = clock;
    this.#halfClose = halfClose;
    this.#promptFinMs = promptFinMs;
    this.remote = conn.remote;
    this.#inbox = inboxOf(conn, clock, this.#reading());
    this.reader = new LineReader(this.#inbox, options);
    this.writer = new LineWriter(conn, { ...options, onError: (error) => this.#fail(error) });
    sw.onCancel((reason) => this.#cut(reason));
    sw.onRelease(() => this.#close());
  }

  /**
   * Says that the peer is owed nothing any more. When its FIN comes then, there is no look whether it
   * has left.
   */
  answered(): void {
    this.#isAnswered = true;
  }

  /** The peer is not read for the time being: it is looked after once a second whether it has left. */
  leaveUnread(): void {
    this.#isUnread = true;
    if (this.#halfClose === "answer" || this.#isEnding) return;
    this.#unread ??= this.#clock.setTimer(UNREAD_LOOK_MS, () => this.#lookAfter());
  }

  /** The peer is read again, which finds more, and sooner. */
  readAgain(): void {
    this.#isUnread = false;
  }

  /**
   * Sends what is pending and our FIN, and waits a moment for the peer's. To close a socket over
   * unread lines is a reset, which may overtake the last replies: this reads and drops them first.
   */
  async end(): Promise<void> {
    await this.writer.close();
    this.#isEnding = true;
    this.#stopLooking();
    if (this.#hasFin) return;
    const late = this.#clock.setTimer(LINGER_MS, () => this.#conn.close());
    try {
      await this.#conn.closeWrite();
      await this.reader.discard();
    } catch (error) {
      if (!(error instanceof NetError)) throw error; // the peer has gone, which is what we wait for
    } finally {
      late.cancel();
    }
  }

  /** What becomes of the peer while it is read. */
  #reading(): InboxOwner {
    return {
      check: () => this.#sw.check(),
      receiveFin: (waitedMs) => this.#receiveFin(waitedMs),
      failRead: (error) => this.#isEnding || this.#fail(error),
    };
  }

  /**
   * Law 7: a connection that goes away cancels its requests; one that only ends does not. One that
   * owes nothing ends before there is a look at its peer.
   */
  #receiveFin(waitedMs: number): void {
    this.#hasFin = true;
    if (this.#isEnding || this.#sw.error !== undefined || this.#halfClose === "answer") return;
    if (this.#isAnswered && this.writer.pendingBytes === 0) return;
    const isLateFin = waitedMs > this.#promptFinMs;
    const afterMs = this.#halfClose === "cancel" ? 0 : LOOK_AFTER_MS;
    this.#looking = this.#clock.setTimer(afterMs, () => this.#watch(this.#halfClose, isLateFin));
  }

  #watch(halfClose: HalfClose, isLateFin: boolean): void {
    if (this.#isEnding || this.#sw.error !== undefined) return;
    this.#sw.forkDaemon(async (signal) => {
      const options = { clock: this.#clock, halfClose, isLateFin, signal };
      if (await hasDeparted(this.#conn, options)) this.#fail(departed(this.remote));
    });
  }

  #lookAfter(): void {
    this.#unread = undefined;
    if (!this.#isUnread || this.#isEnding || this.#sw.error !== undefined) return;
    this.#sw.forkDaemon(async () => {
      if (await this.#conn.peer() === "gone") this.#fail(departed(this.remote));
      else if (this.#isUnread) this.leaveUnread();
    });
  }

  #stopLooking(): void {
    this.#looking?.cancel();
    this.#unread?.cancel();
  }

  /** What was written by one who did not wait for its end is dropped, and who waits is told. */
  #close(): void {
    const wasEnding = this.#isEnding;
    this.#isEnding = true; // the socket may wait for its turn to close: a FIN is no news until then
    this.#stopLooking();
    if (wasEnding || this.writer.error !== undefined) return; // an error costs its trace
    this.writer.abort(closed(this.remote));
  }

  #fail(error: unknown): void {
    if (this.#sw.error === undefined) this.#sw.fail(error);
  }

  #cut(reason: Cancelled): void {
    this.#stopLooking();
    this.writer.abort(reason);
    this.#inbox.cut(reason);
  }
}

function departed(remote: Address): NetError {
  return new NetError("connection-reset", `Cannot answer ${formatAddress(remote)}: it has left`);
}

function closed(remote: Address): NetError {
  return new NetError("closed", `Cannot write to ${formatAddress(remote)}: its switch has ended`);
}
