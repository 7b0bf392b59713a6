import type { PrincipalMember } from "../access/mod.ts";
import type { Timer } from "../env/mod.ts";
import type { Connection, Line, LineFault } from "../net/mod.ts";
import type { Job, Outcome } from "../pool/mod.ts";
import {
  type Command,
  formatRpcFailure,
  isLast,
  isTlsHello,
  isWish,
  parseCommand,
  replyAtOnce,
} from "../protocol/mod.ts";
import { type Cancelled, type Switch } from "../switch/mod.ts";
import { type Arrival, Caller } from "./caller.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import { Pace, rateOf } from "./pace.ts";
import { type Expectation, Patience } from "./patience.ts";
import {
  type Refusal,
  revoked,
  tooLateToSay,
  tooManyFaults,
  tooSlow,
  unauthenticated,
  unreadable,
  whyCancelled,
} from "./refusals.ts";
import { RpcCalls } from "./rpc_calls.ts";
import { Stint } from "./stint.ts";
import { TextCalls } from "./text_calls.ts";

/**
 * A client that has asked for enough is read ahead, so that it is seen to leave, until so many bytes
 * wait to be taken.
 */
const READ_AHEAD_BYTES = 4096;

/**
 * How long a drain listens for what was sent before it began, and is on its way, in milliseconds.
 */
const LAST_CALL_MS = 50;

/** A client that was denied so often on one connection is let go. */
const MOST_DENIALS = 5;

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
  readonly #arrival: Arrival;
  readonly #caller: Caller;
  readonly #patience: Patience;
  readonly #stint: Stint;
  readonly #text: TextCalls;
  #rpc: RpcCalls | undefined;
  #pace: Pace | undefined;
  #waiting: Line | undefined;
  #lines = 0;
  #faults = 0;
  #denials = 0;
  #isReading = false;
  #isAwaitingRoom = false;
  #isGreeted = false;
  #isOver = false;
  #lastCall: Timer | undefined;
  #isLastCallOver = false;
  #speaksText = false;
  #wantsNews = false;
  #failure: unknown;
  #news = Promise.withResolvers<void>();

  constructor(dispatcher: Dispatcher, sw: Switch, connection: Connection, arrival: Arrival) {
    const { clock, lineMs, idleMs = Infinity } = dispatcher.options;
    this.#dispatcher = dispatcher;
    this.#options = dispatcher.options;
    this.#sw = sw;
    this.#connection = connection;
    this.#arrival = arrival;
    this.#caller = new Caller(dispatcher, connection.remote, this.#member(), arrival);
    const limits = { line: lineMs, name: lineMs, request: idleMs };
    this.#patience = new Patience(clock, limits, (what, ms) => this.#giveUp(what, ms));
    this.#stint = new Stint(dispatcher.turns, () => this.#news.resolve());
    this.#text = new TextCalls(dispatcher, this.#caller, this);
  }

  /** Answers every line, and ends the connection. */
  async run(): Promise<void> {
    this.#sw.onCancel((reason) => this.#cancelJobs(reason));
    const draining = this.#dispatcher.onDrain(() => this.#drain());
    using _caller = this.#caller;
    using _patience = this.#patience;
    using _stint = this.#stint;
    try {
      this.#identify();
      await this.#converse();
    } finally {
      draining.remove();
      this.#lastCall?.cancel();
      this.#pace?.[Symbol.dispose]();
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
    this.#dispatcher.outcomes.write(this.#connection.remote, name, outcome);
  }

  authenticate(token: string, answer: (refusal: Refusal | undefined) => void): void {
    // What began as nobody's must not end as somebody's.
    if (this.#jobs > 0 && this.#caller.principal === undefined) return answer(tooLateToSay());
    this.#caller.authenticate(token, (refusal) => {
      answer(refusal);
      if (refusal === undefined) this.#setPace();
      else if (refusal.code !== "INVALID" && ++this.#denials >= MOST_DENIALS) this.#isOver = true;
      this.#news.resolve();
    });
  }

  /** What a principal tells its connections. */
  #member(): PrincipalMember {
    return {
      onRoom: () => this.#news.resolve(),
      onChange: () => {
        this.#caller.update();
        this.#setPace();
      },
      onRevoke: () => this.#end(revoked()),
    };
  }

  /** A certificate says at once who the client is. */
  #identify(): void {
    const { identity } = this.#arrival;
    const refusal = identity === undefined ? undefined : this.#caller.identify(identity);
    if (refusal !== undefined) this.#end(refusal);
    this.#setPace();
  }

  #setPace(): void {
    const { limiter } = this.#dispatcher;
    const { principal } = this.#caller;
    const rates = [
      ...(limiter === undefined ? [] : [rateOf(limiter, this)]),
      ...(principal?.limiter === undefined ? [] : [rateOf(principal.limiter, principal.name)]),
    ];
    this.#pace?.[Symbol.dispose]();
    this.#pace = rates.length === 0 ? undefined : new Pace(rates, () => this.#news.resolve());
  }

  /** Says that the server drains, and listens a little longer for what is on its way. */
  #drain(): void {
    this.#rpc?.tellDraining();
    this.#lastCall = this.#options.clock.setTimer(LAST_CALL_MS, () => {
      this.#isLastCallOver = true;
      this.#news.resolve();
    });
  }

  /** Says why, and takes no more; what is under way is answered. */
  #end(refusal: Refusal): void {
    if (this.#isOver) return;
    const isMute = this.#options.dialects === "numbers" && this.#caller.isAdmitted;
    if (!isMute) this.#refuse(refusal, this.#rpc !== undefined && !this.#speaksText);
    this.#isOver = true;
    this.#news.resolve();
  }

  #giveUp(what: Expectation, limitMs: number): void {
    this.#end(tooSlow(what, limitMs));
  }

  /** Takes lines, reads on and waits for news, until there are no more and all is answered. */
  async #converse(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#takeLines();
      this.#text.tookLines();
      if (this.#isOver) this.#rpc?.giveAllItems();
      if (this.#isOver && this.#underWay === 0 && !this.#caller.isHeld) return;
      this.#readOn();
      this.#awaitRoom();
      this.#caller.queue(this.#waiting !== undefined);
      this.#expect();
      this.#wantsNews = this.#isOver || this.#isFull();
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  /** Takes lines as long as there is room; it is over when there are none, and none will be read. */
  #takeLines(): void {
    const { reader } = this.#connection;
    if (!this.#isGreeted) this.#greet();
    while (!this.#isOver && !this.#stint.isOver) {
      if (this.#isFull()) return this.#takeWishes();
      const line = this.#waiting ?? reader.take();
      this.#waiting = undefined;
      if (line !== undefined) {
        if (this.#pace !== undefined && !this.#isInTime(line)) return void (this.#waiting = line);
        this.#answer(line);
      } else if (reader.hasEnded) this.#isOver = true;
      else if (this.#isLastCallOver) return this.#sayBye();
      else return;
    }
  }

  /** Whether a line may be taken now, as far as rates go: a wish to cancel, or of a drain, always. */
  #isInTime(line: Line): boolean {
    if (this.#options.draining.aborted || typeof line === "string" && isWish(line)) return true;
    return this.#pace!.take();
  }

  /** The last word of a server that drains, to a client that speaks as people do. */
  #sayBye(): void {
    this.#isOver = true;
    if (!this.#speaksText || this.#options.dialects === "numbers") return;
    this.#text.reply({ kind: "bye", message: "The server is stopping" });
  }

  /** Has patience with the client: for each line afresh, but once for saying who it is. */
  #expect(): void {
    const expected = this.#expected;
    this.#patience.expect(expected, expected === "name" ? 0 : this.#lines);
  }

  /** What the client is waited for. */
  get #expected(): Expectation | undefined {
    if (this.#isOver || this.#options.draining.aborted) return undefined;
    if (!this.#caller.isAdmitted) return "name";
    if (this.#waiting !== undefined || this.#isFull()) return undefined;
    if (this.#connection.reader.isInLine) return "line";
    return this.#underWay === 0 ? "request" : undefined;
  }

  /**
   * Without room, looks one line ahead: a wish to cancel needs none, and whoever has asked for too
   * much has no other way to make some. Any other line waits, and those behind it.
   */
  #takeWishes(): void {
    const { reader, writer } = this.#connection;
    if (this.#caller.isHeld) return;
    const most = 2 * this.#options.maxInFlight; // a wish has a reply, too
    while (this.#waiting === undefined && this.#underWay < most && !writer.isFull) {
      if (this.#stint.isOver) return;
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
    if (dialects !== "all" || !isTlsHello(buffered)) return;
    this.#do({ kind: "foreign", protocol: "tls" }, "");
  }

  /** How many jobs are under way. */
  get #jobs(): number {
    return this.#text.jobs + (this.#rpc?.size ?? 0);
  }

  /** How many requests have no reply yet. */
  get #underWay(): number {
    return this.#text.owed + (this.#rpc?.size ?? 0);
  }

  #isFull(): boolean {
    return this.#underWay >= this.#options.maxInFlight || this.#connection.writer.isFull ||
      this.#caller.isFull;
  }

  /** Keeps a read under way, even while no line is taken: a client that leaves is seen by it. */
  #readOn(): void {
    const { reader } = this.#connection;
    if (this.#isReading || reader.hasEnded || this.#stint.isOver) return;
    const isAhead = this.#isOver || this.#waiting !== undefined || this.#isFull();
    if (isAhead && reader.bufferedBytes >= READ_AHEAD_BYTES) return;
    this.#isReading = true;
    this.#stint.countRead();
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
    if (typeof line !== "string") return this.#answerFault(line);
    this.#stint.countLine(line.length);
    const { offer, isAdmitted } = this.#caller;
    if (!isAdmitted) return this.#answerStranger(line);
    this.#do(parseCommand(line, offer.grammar), line);
  }

  #do(command: Command, line: string): void {
    const { kind } = command;
    if (kind !== "job" && kind !== "ping" && kind !== "invalid-number") this.#stint.countRare();
    if (command.kind === "rpc") return this.#take(command.line);
    this.#speaksText = true;
    switch (command.kind) {
      case "job":
        return this.#text.submit(command.name, command.text, this.#lines);
      case "auth":
        return this.#authenticate(command.token);
      case "invalid-number":
      case "unknown-job":
        return this.#text.reply(this.#caller.offer.denialOf(line) ?? replyAtOnce(command));
      default:
        this.#text.do(command);
        if (isLast(command)) this.#isOver = true;
    }
  }

  /** A client that must say who it is, and has not: that is all that is heard of it. */
  #answerStranger(line: string): void {
    const { dialects } = this.#options;
    const command = parseCommand(line, { ...this.#caller.offer.grammar, dialects: "all" });
    const { kind } = command;
    const isHeard = kind === "auth" || kind === "ping" || kind === "quit" || kind === "foreign" ||
      kind === "rpc" && dialects === "all";
    if (isHeard) this.#do(command, line);
    else this.#text.reply(unauthenticated());
  }

  #authenticate(token: string): void {
    const reply = this.#text.owe();
    this.authenticate(token, (refusal) => {
      reply(refusal ?? { kind: "result", text: `you are ${this.#caller.principal!.name}` });
    });
  }

  #take(line: string): void {
    const requests = this.#calls().take(line);
    if (requests > 1) this.#pace?.owe(requests - 1);
  }

  /** Most connections never speak JSON-RPC. */
  #calls(): RpcCalls {
    return this.#rpc ??= new RpcCalls(
      this.#dispatcher,
      this.#caller,
      this,
      () => this.#countFault(true),
    );
  }

  #answerFault(fault: LineFault): void {
    if (this.#options.dialects === "numbers") {
      return this.#text.reply({ kind: "error", message: "Invalid number" });
    }
    const isRpc = fault.first === OPEN_BRACE || fault.first === OPEN_BRACKET;
    this.#refuse(unreadable(fault, this.#options.maxLineBytes), isRpc);
    this.#countFault(isRpc);
  }

  /** A client that makes no sense is told so, so many times; then it is let go. */
  #countFault(isRpc: boolean): void {
    const { maxProtocolErrors } = this.#options;
    if (++this.#faults !== maxProtocolErrors) return;
    this.#refuse(tooManyFaults(maxProtocolErrors), isRpc);
    this.#isOver = true;
  }

  #refuse(refusal: Refusal, isRpc: boolean): void {
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
    while (this.#jobs > 0) {
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }
}
