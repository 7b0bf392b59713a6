import type { Connection, Line, LineFault } from "../net/mod.ts";
import { type Job, type Outcome, Submitter } from "../pool/mod.ts";
import {
  type Command,
  formatRpcFailure,
  isLast,
  isTlsHello,
  isWish,
  type LineReply,
  parseCommand,
  type RpcError,
} from "../protocol/mod.ts";
import { type Cancelled, onAbort, type Switch } from "../switch/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import { logOutcome } from "./outcome_reply.ts";
import { RpcCalls } from "./rpc_calls.ts";
import { TextCalls } from "./text_calls.ts";

/**
 * A client that has asked for enough is read ahead, so that it is seen to leave, until so many bytes
 * wait to be taken.
 */
const READ_AHEAD_BYTES = 4096;

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * One connection: its lines, told apart by what they begin with, and how many may be under way.
 * Replies to text keep the order of their lines; those of JSON-RPC go out as they come.
 */
export class Conversation implements Host {
  readonly #dispatcher: Dispatcher;
  readonly #options: DispatcherOptions;
  readonly #sw: Switch;
  readonly #connection: Connection;
  readonly #submitter = new Submitter();
  readonly #text: TextCalls;
  #rpc: RpcCalls | undefined;
  #waiting: Line | undefined;
  #lines = 0;
  #faults = 0;
  #isReading = false;
  #isAwaitingRoom = false;
  #isGreeted = false;
  #isOver = false;
  #wantsNews = false;
  #failure: unknown;
  #news = Promise.withResolvers<void>();

  constructor(dispatcher: Dispatcher, sw: Switch, connection: Connection) {
    this.#dispatcher = dispatcher;
    this.#options = dispatcher.options;
    this.#sw = sw;
    this.#connection = connection;
    this.#text = new TextCalls(dispatcher, this.#submitter, this);
  }

  /** Answers every line, and ends the connection. */
  async run(): Promise<void> {
    this.#sw.onCancel((reason) => this.#cancelJobs(reason));
    const draining = onAbort(this.#options.draining, () => this.#drain());
    try {
      await this.#converse();
    } finally {
      draining.remove();
      await this.#allStopped();
    }
    await this.#connection.end();
  }

  send(text: string): void {
    this.#connection.writer.write(text);
  }

  room(): Promise<void> | undefined {
    const { writer } = this.#connection;
    return writer.isFull ? writer.ready() : undefined;
  }

  ended({ name }: Job, outcome: Outcome): void {
    if (this.#wantsNews) this.#news.resolve();
    if (outcome.kind === "done") return;
    logOutcome(this.#options.log, formatAddress(this.#connection.remote), name, outcome);
  }

  #drain(): void {
    this.#rpc?.tellDraining();
    this.#news.resolve();
  }

  /** Takes lines, reads on and waits for news, until there are no more and all is answered. */
  async #converse(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#takeLines();
      if (this.#isOver && this.#underWay === 0) return;
      this.#readOn();
      this.#awaitRoom();
      this.#wantsNews = this.#isOver || this.#isFull();
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  /** Takes lines as long as there is room; it is over when there are none, and none will be read. */
  #takeLines(): void {
    const { reader } = this.#connection;
    if (!this.#isGreeted) this.#greet();
    while (!this.#isOver) {
      if (this.#isFull()) return this.#takeWishes();
      const line = this.#waiting ?? reader.take();
      this.#waiting = undefined;
      if (line !== undefined) this.#answer(line);
      else if (reader.hasEnded || this.#options.draining.aborted) this.#isOver = true;
      else return;
    }
  }

  /**
   * Without room, looks one line ahead: a wish to cancel needs none, and whoever has asked for too
   * much has no other way to make some. Any other line waits, and those behind it.
   */
  #takeWishes(): void {
    const { reader, writer } = this.#connection;
    const most = 2 * this.#options.maxInFlight; // a wish has a reply, too
    while (this.#waiting === undefined && this.#underWay < most && !writer.isFull) {
      const line = reader.take();
      if (line === undefined) return;
      if (typeof line === "string" && isWish(line)) this.#answer(line);
      else this.#waiting = line;
    }
  }

  /** Looks at the first bytes: a TLS hello need not hold a newline, and its sender waits. */
  #greet(): void {
    const { buffered } = this.#connection.reader;
    if (buffered.length < 2) return;
    this.#isGreeted = true;
    const { dialects } = this.#options;
    if (dialects === "all" && isTlsHello(buffered)) this.#do({ kind: "foreign", protocol: "tls" });
  }

  /** How many requests have no reply yet. */
  get #underWay(): number {
    return this.#text.owed + (this.#rpc?.size ?? 0);
  }

  #isFull(): boolean {
    return this.#underWay >= this.#options.maxInFlight || this.#connection.writer.isFull;
  }

  /** Keeps a read under way, even while no line is taken: a client that leaves is seen by it. */
  #readOn(): void {
    const { reader } = this.#connection;
    if (this.#isReading || reader.hasEnded) return;
    const isAhead = this.#isOver || this.#isFull();
    if (isAhead && reader.bufferedBytes >= READ_AHEAD_BYTES) return;
    this.#isReading = true;
    reader.fill()
      .catch((error) => this.#failure ??= error)
      .then(() => {
        this.#isReading = false;
        this.#news.resolve();
      });
  }

  /** A client that reads again makes room for its next lines. */
  #awaitRoom(): void {
    const { writer } = this.#connection;
    if (this.#isAwaitingRoom || !writer.isFull) return;
    this.#isAwaitingRoom = true;
    writer.ready().then(() => {
      this.#isAwaitingRoom = false;
      this.#news.resolve();
    }, () => {}); // a writer that fails has its connection's switch cancelled
  }

  #answer(line: Line): void {
    this.#lines++;
    if (typeof line !== "string") this.#answerFault(line);
    else this.#do(parseCommand(line, this.#dispatcher.grammar));
  }

  #do(command: Command): void {
    if (command.kind === "job") {
      return this.#text.submit(command.name, command.text, this.#lines);
    }
    if (command.kind === "rpc") return this.#calls().take(command.line);
    this.#text.do(command);
    if (isLast(command)) this.#isOver = true;
  }

  /** Most connections never speak JSON-RPC. */
  #calls(): RpcCalls {
    return this.#rpc ??= new RpcCalls(
      this.#dispatcher,
      this.#submitter,
      this,
      () => this.#countFault(true),
    );
  }

  #answerFault(fault: LineFault): void {
    if (this.#options.dialects === "numbers") {
      return this.#text.reply({ kind: "error", message: "Invalid number" });
    }
    const isRpc = fault.first === OPEN_BRACE || fault.first === OPEN_BRACKET;
    this.#refuse(refusalOf(fault, this.#options.maxLineBytes), isRpc);
    this.#countFault(isRpc);
  }

  /** A client that makes no sense is told so, so many times; then it is let go. */
  #countFault(isRpc: boolean): void {
    const { maxProtocolErrors } = this.#options;
    if (++this.#faults !== maxProtocolErrors) return;
    const message =
      `Cannot go on: ${maxProtocolErrors} lines could not be read, which is the limit`;
    this.#refuse({ kind: "refusal", code: "TOO_MANY_ERRORS", message }, isRpc);
    this.#isOver = true;
  }

  #refuse(refusal: LineReply & RpcError, isRpc: boolean): void {
    if (!isRpc) return this.#text.reply(refusal);
    const code = refusal.code === "INVALID" ? "PARSE_ERROR" : refusal.code;
    const failure = formatRpcFailure({ version: "2.0", id: "null" }, { ...refusal, code });
    this.send(`${failure}\n`);
  }

  /** Law 7: a connection that goes away cancels its requests. */
  #cancelJobs(reason: Cancelled): void {
    const why = whyCancelled(reason);
    this.#text.cancelAll(why);
    this.#rpc?.cancelAll(why);
    this.#failure ??= reason;
    this.#news.resolve();
  }

  async #allStopped(): Promise<void> {
    this.#wantsNews = true;
    while (this.#text.jobs + (this.#rpc?.size ?? 0) > 0) {
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }
}

function refusalOf({ kind, bytes }: LineFault, maxLineBytes: number): LineReply & RpcError {
  if (kind === "invalid-utf-8") {
    const message = `Cannot read a line of ${bytes} bytes: it is not UTF-8`;
    return { kind: "refusal", code: "INVALID", message };
  }
  const message = `Cannot read a line of ${bytes} bytes: the limit is ${maxLineBytes} bytes`;
  return { kind: "refusal", code: "LINE_TOO_LONG", message };
}

/** Why a connection's jobs are stopped, in words: for the log, as no one is left to read a reply. */
function whyCancelled({ cause, message }: Cancelled): string {
  if (!(cause instanceof NetError)) return Error.isError(cause) ? cause.message : message;
  return cause.code === "timed-out" ? "its client does not read its replies" : "its client left";
}
