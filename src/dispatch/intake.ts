import type { Connection, FillWatcher, Line, LineReader, LineWriter } from "../net/mod.ts";

/**
 * A client that has asked for enough is read ahead, so that it is seen to leave, until so many bytes
 * wait to be taken.
 */
const READ_AHEAD_BYTES = 4096;

/** What a line is taken as: a number where it is a plain integer, of which no text need be made. */
export type TakenLine = Line | number;

/** Those who take lines out of an {@linkcode Intake}. */
export interface IntakeOwner {
  /** More has come, so many bytes; or nothing more will. */
  receive(bytes: number): void;
  /** The client could not be read. */
  failRead(error: unknown): void;
  /** The client has taken what kept its lines from being taken. */
  wake(): void;
}

/** The lines of a connection on their way in, and one that was taken too early. */
export class Intake implements FillWatcher {
  readonly #connection: Connection;
  readonly #reader: LineReader;
  readonly #writer: LineWriter;
  readonly #owner: IntakeOwner;
  /** A line that there was no room for. */
  #held: TakenLine | undefined = undefined;
  #isReading = false;
  #isAwaitingRoom = false;

  constructor(connection: Connection, owner: IntakeOwner) {
    this.#connection = connection;
    this.#reader = connection.reader;
    this.#writer = connection.writer;
    this.#owner = owner;
  }

  /** Whether a line waits for room. */
  get hasHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Whether no line will come any more. */
  get hasEnded(): boolean {
    return this.#reader.hasEnded;
  }

  /** Whether the client is in the middle of a line. */
  get isInLine(): boolean {
    return this.#reader.isInLine;
  }

  /** The bytes that were read and not taken. */
  get buffered(): Uint8Array {
    return this.#reader.buffered;
  }

  /** Takes the next line, if it is here. */
  take(): TakenLine | undefined {
    const line = this.#held ?? this.#reader.takeInteger() ?? this.#reader.take();
    this.#held = undefined;
    return line;
  }

  /** Keeps a line that was taken too early: it is the next one again. */
  hold(line: TakenLine): void {
    this.#held = line;
  }

  /**
   * Keeps a read under way, even while no line is taken: a client that leaves is seen by it. `isAhead`
   * says that what comes will not be taken at once.
   */
  readOn(isAhead: boolean): void {
    if (this.#isReading || this.#reader.hasEnded) return;
    if (isAhead && this.#reader.bufferedBytes >= READ_AHEAD_BYTES) {
      return this.#connection.leaveUnread();
    }
    this.#connection.readAgain();
    this.#isReading = true;
    this.#reader.fillThen(this);
  }

  filled(error?: unknown): void {
    this.#isReading = false;
    if (error === undefined) this.#owner.receive(this.#reader.lastBytes);
    else this.#owner.failRead(error);
  }

  /** A client that reads again makes room for its next lines. */
  awaitRoom(): void {
    if (this.#isAwaitingRoom || !this.#writer.isFull) return;
    this.#isAwaitingRoom = true;
    this.#writer.ready().then(() => {
      this.#isAwaitingRoom = false;
      this.#owner.wake();
    }, () => {}); // a writer that fails has its connection's switch cancelled
  }
}
