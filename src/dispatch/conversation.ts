import type { Connection, Line, LineFault } from "../net/mod.ts";
import { type Job, JobRequest, type Outcome, Submitter } from "../pool/mod.ts";
import { formatReply, isLast, parseCommand, type Reply } from "../protocol/mod.ts";
import { type Cancelled, onAbort, type Switch } from "../switch/mod.ts";
import { formatAddress } from "../env/mod.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import { logOutcome, replyTo } from "./outcome_reply.ts";

/** How many bytes are read ahead of a client that has asked for enough: to see it leave. */
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
  #hasEnded = false;
  #isLast = false;
  #isDraining = false;
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
    const draining = onAbort(this.#options.draining, () => {
      this.#isDraining = true;
      this.#news.resolve();
    });
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
      if (this.#isOver() && this.#turns === 0) return;
      this.#readOn();
      this.#wantsNews = this.#isOver() || this.#isFull();
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  #takeLines(): void {
    const { reader } = this.#connection;
    while (!this.#isLast && !this.#isFull()) {
      const line = reader.take();
      if (line === undefined) return;
      this.#answer(line);
    }
  }

  #isOver(): boolean {
    return this.#hasEnded || this.#isLast || this.#isDraining;
  }

  #isFull(): boolean {
    const { maxInFlight, maxPendingBytes } = this.#options;
    return this.#turns >= maxInFlight || this.#connection.writer.pendingBytes >= maxPendingBytes;
  }

  /** Keeps a read under way, even while no line is taken: a client that leaves is seen by it. */
  #readOn(): void {
    const { reader, writer } = this.#connection;
    if (this.#isReading || this.#isOver()) return;
    if (this.#isFull()) {
      if (this.#turns === 0) writer.ready().then(() => this.#news.resolve(), () => {});
      if (reader.bufferedBytes >= READ_AHEAD_BYTES) return;
    }
    this.#isReading = true;
    reader.fill()
      .then((more) => this.#hasEnded = !more, (error) => this.#failure ??= error)
      .then(() => {
        this.#isReading = false;
        this.#news.resolve();
      });
  }

  #answer(line: Line): void {
    if (typeof line !== "string") return this.#reply(this.#replyToFault(line));
    const command = parseCommand(line, this.#dispatcher.grammar);
    if (command.kind === "job") return this.#submit(command.name, command.text);
    this.#reply(this.#dispatcher.replyTo(command));
    if (isLast(command)) this.#isLast = true;
  }

  #submit(name: string, text: string): void {
    const { pool } = this.#options;
    const job = pool.jobs.get(name);
    if (job === undefined) {
      return this.#reply({
        kind: "refusal",
        code: "UNKNOWN_JOB",
        message:
          `Cannot run ${name}, the job for numbers: it could not be loaded, the log says why`,
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
    const { cause } = reason;
    const why = Error.isError(cause) ? cause.message : reason.message;
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
