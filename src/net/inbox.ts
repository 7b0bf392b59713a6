import type { ByteReceiver, ByteSource, Clock, Conn } from "../env/mod.ts";

/** Who is told what becomes of a peer while it is read. */
export interface InboxOwner {
  /** Throws where nothing may be read any more. */
  check(): void;
  /** The peer has sent its FIN, so long after the reading began. */
  receiveFin(waitedMs: number): void;
  /** The peer could not be read. */
  failRead(error: unknown): void;
}

/** What a peer sends, until it is cut. */
export interface Inbox extends ByteSource {
  /** Ends the read that is under way. */
  cut(reason: Error): void;
}

/** The inbox of a connection, in the way that costs least there. */
export function inboxOf(conn: Conn, clock: Clock, owner: InboxOwner): Inbox {
  return conn.receive === undefined
    ? new PulledInbox(conn, clock, owner)
    : new PushedInbox(conn, clock, owner);
}

/** Waits with a promise. */
class PulledInbox implements Inbox {
  readonly #conn: Conn;
  readonly #clock: Clock;
  readonly #owner: InboxOwner;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(conn: Conn, clock: Clock, owner: InboxOwner) {
    this.#conn = conn;
    this.#clock = clock;
    this.#owner = owner;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.#owner.check();
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.#reject = reject;
    this.#receive(buffer).then(resolve, reject);
    return promise;
  }

  cut(reason: Error): void {
    this.#reject?.(reason);
  }

  async #receive(buffer: Uint8Array): Promise<number | null> {
    const since = this.#clock.monotonic();
    try {
      const count = await this.#conn.read(buffer);
      if (count === null) this.#owner.receiveFin(this.#clock.monotonic() - since);
      return count;
    } catch (error) {
      this.#owner.failRead(error);
      throw error;
    }
  }
}

/** Waits with nothing but itself: what comes is handed on in the call that brings it. */
class PushedInbox implements Inbox, ByteReceiver {
  readonly #conn: Conn;
  readonly #clock: Clock;
  readonly #owner: InboxOwner;
  #receiver: ByteReceiver | undefined = undefined;
  #since = 0;

  constructor(conn: Conn, clock: Clock, owner: InboxOwner) {
    this.#conn = conn;
    this.#clock = clock;
    this.#owner = owner;
  }

  read(): never {
    throw new TypeError("Cannot read from an inbox that is received from");
  }

  receive(receiver: ByteReceiver): void {
    this.#owner.check();
    this.#receiver = receiver;
    this.#since = this.#clock.monotonic();
    this.#conn.receive!(this);
  }

  cut(reason: Error): void {
    this.#take()?.failed(reason);
  }

  received(bytes: Uint8Array<ArrayBuffer>): void {
    this.#take()?.received(bytes);
  }

  /** Who has nothing left to answer says so before the owner hears of it. */
  ended(): void {
    this.#take()?.ended();
    this.#owner.receiveFin(this.#clock.monotonic() - this.#since);
  }

  failed(error: unknown): void {
    this.#owner.failRead(error);
    this.#take()?.failed(error);
  }

  /** A receiver is called once; one that was cut, no more. */
  #take(): ByteReceiver | undefined {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    return receiver;
  }
}
