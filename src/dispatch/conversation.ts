import type { Connection, Line, LineFault } from "../net/mod.ts";
import { type Job, JobRequest, type Outcome, Submitter } from "../pool/mod.ts";
import { type Command, formatReply, isLast, isTlsHello, parseCommand } from "../protocol/mod.ts";
import type { Reply } from "../protocol/mod.ts";
import { type Cancelled, onAbort, type Switch } from "../switch/mod.ts";
import { formatAddress, NetError } from "../env/mod.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import { logOutcome, replyTo } from "./outcome_reply.ts";

/**
 * A client that has asked for enough is read ahead, so that it is seen to leave, until so many bytes
 * wait to be taken.
 */
const READ_AHEAD_BYTES = 4096;

/** A place in the order of a connection's replies. */
interface Turn {
  /** The reply, once it is known. */
  reply: string | undefined;
  after: Turn | undefined;
}

/** One connection: its lines, its requests under way, and the order of its replies. */
export class Conversation {
  readonly #dispatcher: Dispatcher;
  readonly #options: DispatcherOptions;
  readonly #sw: Switch;
  readonly #connection: Connection;
  readonly #submitter = new Submitter();
  #firstTurn: Turn | undefined;
  #lastTurn: Turn | undefined;
  #turns = 0;
  #jobs = 0;
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
  }

  /** Answers every line, and ends the connection. */
  async run(): Promise<void> {
    this.#sw.onCancel((reason) => this.#cancelJobs(reason));
    const draining = onAbort(this.#options.draining, () => this.#news.resolve());
    try {
      await this.#converse();
    } finally {
      draining.remove();
      await this.#allStopped();
    }
    await this.#connection.end();
  }

  /** The outcome of a job is its turn's reply. */
  settle(turn: JobTurn, outcome: Outcome): void {
    this.#jobs--;
    turn.reply = formatReply(replyTo(outcome));
    this.#sendReplies();
    if (outcome.kind !== "done") {
      logOutcome(this.#options.log, formatAddress(this.#connection.remote), turn.job.name, outcome);
    }
  }

  /** Takes lines, reads on and waits for news, until there are no more and all is answered. */
  async #converse(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#takeLines();
      if (this.#isOver && this.#turns === 0) return;
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
    while (!this.#isOver && !this.#isFull()) {
      const line = reader.take();
      if (line !== undefined) this.#answer(line);
      else if (reader.hasEnded || this.#options.draining.aborted) this.#isOver = true;
      else return;
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

  #isFull(): boolean {
    return this.#turns >= this.#options.maxInFlight || this.#connection.writer.isFull;
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
    if (typeof line !== "string") return this.#reply(this.#replyToFault(line));
    this.#do(parseCommand(line, this.#dispatcher.grammar));
  }

  #do(command: Command): void {
    if (command.kind === "job") return this.#submit(command.name, command.text);
    this.#reply(this.#dispatcher.replyTo(command));
    if (isLast(command)) this.#isOver = true;
  }

  #submit(name: string, text: string): void {
    const { pool } = this.#options;
    const job = pool.jobs.get(name);
    if (job === undefined) {
      return this.#reply({
        kind: "refusal",
        code: "UNKNOWN_JOB",
        message:
          `Cannot run ${name}, the job that numbers go to: there is none here; JOBS lists all`,
      });
    }
    const turn = new JobTurn(this, job, text, this.#submitter);
    this.#append(turn);
    this.#jobs++;
    pool.enqueue(turn);
  }

  #reply(reply: Reply): void {
    this.#append({ reply: formatReply(reply), after: undefined });
    this.#sendReplies();
  }

  #replyToFault({ kind, bytes }: LineFault): Reply {
    if (this.#options.dialects === "numbers") return { kind: "error", message: "Invalid number" };
    if (kind === "invalid-utf-8") {
      const message = `Cannot read a line of ${bytes} bytes: it is not UTF-8`;
      return { kind: "refusal", code: "INVALID", message };
    }
    const { maxLineBytes } = this.#options;
    const message = `Cannot read a line of ${bytes} bytes: the limit is ${maxLineBytes} bytes`;
    return { kind: "refusal", code: "LINE_TOO_LONG", message };
  }

  #append(turn: Turn): void {
    if (this.#lastTurn === undefined) this.#firstTurn = turn;
    else this.#lastTurn.after = turn;
    this.#lastTurn = turn;
    this.#turns++;
  }

  /** Sends the replies that are known, up to the first that is not. */
  #sendReplies(): void {
    let turn = this.#firstTurn;
    while (turn?.reply !== undefined) {
      this.#connection.writer.write(turn.reply);
      turn = turn.after;
      this.#turns--;
    }
    this.#firstTurn = turn;
    if (turn === undefined) this.#lastTurn = undefined;
    if (this.#wantsNews) this.#news.resolve();
  }

  /** Law 7: a connection that goes away cancels its requests. */
  #cancelJobs(reason: Cancelled): void {
    const why = whyCancelled(reason);
    for (let turn = this.#firstTurn; turn !== undefined; turn = turn.after) {
      if (turn instanceof JobTurn) this.#options.pool.cancel(turn, why);
    }
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

/** Why a connection's jobs are stopped, in words: for the log, as no one is left to read a reply. */
function whyCancelled({ cause, message }: Cancelled): string {
  if (!(cause instanceof NetError)) return Error.isError(cause) ? cause.message : message;
  return cause.code === "timed-out" ? "its client does not read its replies" : "its client left";
}

/** A request for a job, which is also its reply's place in the order. */
class JobTurn extends JobRequest implements Turn {
  reply: string | undefined;
  after: Turn | undefined;
  readonly #conversation: Conversation;

  constructor(conversation: Conversation, job: Job, text: string, submitter: Submitter) {
    super(job, text, submitter);
    this.#conversation = conversation;
  }

  override settled(outcome: Outcome): void {
    this.#conversation.settle(this, outcome);
  }
}
