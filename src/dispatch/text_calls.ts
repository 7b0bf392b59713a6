import { type Job, JobRequest, type Outcome, type Submitter } from "../pool/mod.ts";
import { formatReply, type Reply } from "../protocol/mod.ts";
import type { Caller } from "./caller.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import type { PlainCommand } from "./offer.ts";
import { replyTo } from "./outcome_reply.ts";
import { isTooLong, responseTooLong } from "./reply_limit.ts";
import { ReplyOrder, type Turn } from "./reply_order.ts";

/** The numbers and text commands of one connection, answered in the order of their lines. */
export class TextCalls {
  readonly #dispatcher: Dispatcher;
  readonly #caller: Caller;
  readonly #host: Host;
  readonly #order = new ReplyOrder();
  #jobs = 0;
  /** When the lines came that are being taken; 0 before the first of them. */
  #arrivedMs = 0;

  constructor(dispatcher: Dispatcher, caller: Caller, host: Host) {
    this.#dispatcher = dispatcher;
    this.#caller = caller;
    this.#host = host;
  }

  /** How many replies are owed. */
  get owed(): number {
    return this.#order.length;
  }

  /** How many jobs are under way. */
  get jobs(): number {
    return this.#jobs;
  }

  /** Does what a line asks for that needs no job. */
  do(command: PlainCommand | { kind: "cancel"; number: number }): void {
    if (command.kind === "cancel") this.reply(this.#cancel(command.number));
    else this.reply(this.#caller.offer.replyTo(command, () => this.#caller.rows()));
  }

  /** Runs a job for the line of this number. */
  submit(name: string, text: string, number: number): void {
    this.#submit(this.#caller.offer.find(name), name, text, number);
  }

  /** Runs the job that numbers go to on `n`, which the line of this number says. */
  submitNumber(n: number, number: number): void {
    const { defaultJob, grammar } = this.#caller.offer;
    this.#submit(defaultJob, grammar.defaultJob, n, number);
  }

  #submit(job: Job | undefined, name: string, input: string | number, number: number): void {
    const { pool, clock } = this.#dispatcher.options;
    if (job === undefined) return this.reply(this.#caller.offer.denial(name) ?? noDefault(name));
    const turn = new JobTurn(this, job, input, this.#caller.submitter, number);
    turn.queuedMs = this.#arrivedMs ||= clock.monotonic();
    this.#caller.began(turn);
    this.#order.append(turn);
    this.#jobs++;
    pool.enqueue(turn);
  }

  /** No more lines are here: those to come have another time. */
  tookLines(): void {
    this.#arrivedMs = 0;
  }

  /** Replies, after all that is owed before. */
  reply(reply: Reply): void {
    this.#order.append({ reply: formatReply(reply), after: undefined });
    this.#sendReplies();
  }

  /** Takes a place for a reply that is known later, by a call of what comes back. */
  owe(): (reply: Reply) => void {
    const turn: Turn = { reply: undefined, after: undefined };
    this.#order.append(turn);
    return (reply) => {
      turn.reply = formatReply(reply);
      this.#sendReplies();
    };
  }

  /** Cancels all that is under way, for the reason in words. */
  cancelAll(why: string): void {
    for (const turn of this.#order.turns) {
      if (turn instanceof JobTurn) this.#dispatcher.options.pool.cancel(turn, why);
    }
  }

  /** The outcome of a job is its turn's reply. */
  settle(turn: JobTurn, outcome: Outcome): void {
    this.#jobs--;
    turn.reply = this.#limit(formatReply(replyTo(outcome)));
    this.#sendReplies();
    this.#caller.ended();
    this.#host.ended(turn.job, outcome);
  }

  #cancel(number: number): Reply {
    const turn = this.#order.turns.find((turn) =>
      turn instanceof JobTurn && turn.number === number
    );
    if (!(turn instanceof JobTurn) || turn.reply !== undefined) {
      const message = `Cannot cancel request ${number}: no job of that line is under way`;
      return { kind: "refusal", code: "INVALID", message };
    }
    this.#dispatcher.options.pool.cancel(turn, "its client cancelled it");
    return { kind: "result", text: `request ${number} was asked to stop` };
  }

  #limit(reply: string): string {
    const maxBytes = this.#dispatcher.options.maxReplyBytes;
    if (!isTooLong(reply, maxBytes + "\n".length)) return reply;
    return formatReply(responseTooLong(reply.trimEnd(), maxBytes));
  }

  /** Sends the replies that are known, up to the first that is not. */
  #sendReplies(): void {
    for (let reply = this.#order.take(); reply !== undefined; reply = this.#order.take()) {
      this.#host.send(reply);
    }
  }
}

function noDefault(name: string): Reply {
  const message =
    `Cannot run ${name}, the job that numbers go to: there is none here; JOBS lists all`;
  return { kind: "refusal", code: "UNKNOWN_JOB", message };
}

/** A request for a job, which is also its reply's place in the order. */
class JobTurn extends JobRequest implements Turn {
  reply: string | undefined;
  after: Turn | undefined;
  /** The number of its line. */
  readonly number: number;
  readonly #calls: TextCalls;

  constructor(
    calls: TextCalls,
    job: Job,
    input: string | number,
    submitter: Submitter,
    number: number,
  ) {
    super(job, input, submitter);
    this.#calls = calls;
    this.number = number;
  }

  override settled(outcome: Outcome): void {
    this.#calls.settle(this, outcome);
  }
}
