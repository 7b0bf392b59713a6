import type { Outcome } from "../pool/mod.ts";
import {
  formatRpcFailure,
  formatRpcNotification,
  formatRpcResult,
  parseRpc,
  parseRpcCancel,
  parseRpcParams,
  parseRpcTaken,
  parseRpcToken,
  type RpcAddressee,
  type RpcArguments,
  type RpcCancel,
  type RpcError,
  type RpcMessage,
  type RpcTaken,
} from "../protocol/mod.ts";
import type { Caller } from "./caller.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import { errorOf } from "./outcome_error.ts";
import { unauthenticated } from "./refusals.ts";
import { isTooLong, responseTooLong } from "./reply_limit.ts";
import { type RpcAnswers, RpcBatch } from "./rpc_batch.ts";
import { RpcCall, type RpcCallOwner, type RpcPlace } from "./rpc_call.ts";

const DRAINING = JSON.stringify({
  message: "The server is stopping: what runs is finished, and no more is taken",
});

/** The requests in JSON-RPC of one connection: each is answered as soon as its answer is known. */
export class RpcCalls implements RpcCallOwner {
  readonly #dispatcher: Dispatcher;
  readonly #caller: Caller;
  readonly #host: Host;
  readonly #onFault: () => void;
  readonly #underWay = new Set<RpcCall>();
  readonly #alone: RpcAnswers;
  #hearsNotifications = false;

  /** `onFault` is told of every message that could not be read. */
  constructor(dispatcher: Dispatcher, caller: Caller, host: Host, onFault: () => void) {
    this.#dispatcher = dispatcher;
    this.#caller = caller;
    this.#host = host;
    this.#onFault = onFault;
    this.#alone = {
      answer: (_index, response) => response === undefined ? undefined : this.#send(response),
    };
  }

  /** How many jobs are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Takes a line: a message, or a batch of them, which run at once. Tells how many there were. */
  take(line: string): number {
    const { maxReplyBytes } = this.#dispatcher.options;
    const parsed = parseRpc(line, { maxBatch: this.#caller.maxInFlight });
    if (!Array.isArray(parsed)) {
      this.#do(parsed, this.#alone, 0);
      return 1;
    }
    const batch = new RpcBatch(parsed.length, maxReplyBytes, (line) => this.#send(line));
    for (const [index, message] of parsed.entries()) this.#do(message, batch, index);
    return parsed.length;
  }

  /**
   * Says that the server drains, to a client that has shown that it reads what it did not ask for:
   * a simple one would take it for the answer that it waits for.
   */
  tellDraining(): void {
    if (this.#hearsNotifications) this.#send(formatRpcNotification("$/draining", DRAINING));
  }

  /** Cancels all that is under way, for the reason in words. */
  cancelAll(why: string): void {
    for (const call of [...this.#underWay]) this.#stop(call, why);
  }

  /** No line of the client's is read any more, so none says that it has taken an item. */
  giveAllItems(): void {
    for (const call of [...this.#underWay]) call.taken(Infinity);
  }

  /** The outcome of a job is its request's answer. */
  settle(call: RpcCall, outcome: Outcome): void {
    this.#underWay.delete(call);
    if (outcome.kind === "done") this.#succeed(call, call.toJson(outcome.result));
    else this.#fail(call, errorOf(outcome, call.isCancelled));
    this.#caller.ended();
    this.#host.ended(call.job, outcome);
  }

  /** Sends an item; what is too long, or no JSON, fails its call. Waits for the client to take it. */
  sendItem(token: string | undefined, item: string): Promise<void> | undefined {
    const params = `{"token":${token},"item":${item}}`;
    const { maxReplyBytes } = this.#dispatcher.options;
    if (/[\r\n]/.test(item)) throw new TypeError("Cannot send an item: it is no JSON");
    if (isTooLong(params, maxReplyBytes)) {
      throw new RangeError(
        `Cannot send an item: it is longer than ${maxReplyBytes} bytes, the limit`,
      );
    }
    return this.tell("$/item", params);
  }

  /** Tells a client what it has given a token for. Says when it can take more, if not now. */
  tell(method: string, params: string): Promise<void> | undefined {
    this.#send(formatRpcNotification(method, params));
    return this.#host.room();
  }

  #do(message: RpcMessage, answers: RpcAnswers, index: number): void {
    if (message.kind === "fault") {
      answers.answer(index, formatRpcFailure(message, message.error));
      return this.#onFault();
    }
    const place = { request: message, answers, index };
    if (message.method === "rpc.authenticate") return this.#authenticate(place);
    if (!this.#caller.isAdmitted) return this.#fail(place, unauthenticated());
    const wish = parseRpcCancel(message);
    if (wish !== undefined) return this.#succeed(place, String(this.#cancel(wish)));
    const taken = parseRpcTaken(message);
    if (taken !== undefined) return this.#succeed(place, String(this.#taken(taken)));
    if (message.method === "rpc.discover") {
      return this.#succeed(place, this.#caller.offer.openRpc());
    }
    this.#submit(place);
  }

  #authenticate(place: RpcPlace): void {
    const token = parseRpcToken(place.request);
    if (token === undefined) {
      const message = 'Cannot authenticate: the parameters must be {"token": "..."}';
      return this.#fail(place, { code: "INVALID", message });
    }
    this.#host.authenticate(token, (denial) => {
      if (denial === undefined) this.#succeed(place, "true");
      else this.#fail(place, denial);
    });
  }

  #submit(place: RpcPlace): void {
    const { pool } = this.#dispatcher.options;
    const { offer } = this.#caller;
    const job = offer.find(place.request.method);
    if (job === undefined) return this.#fail(place, offer.unknownMethod(place.request.method));
    const parameters = readParams(place.request.params);
    if ("code" in parameters) return this.#fail(place, parameters);
    if (parameters.meta.progressToken !== undefined) this.#hearsNotifications = true;
    const call = new RpcCall(this, place, job, parameters, this.#caller.submitter);
    this.#caller.began(call);
    this.#underWay.add(call);
    pool.enqueue(call);
  }

  /** Stops every request of this id. Whether there was one: a notification is not told. */
  #cancel({ id, reason }: RpcCancel): boolean {
    const why = `its client cancelled it${reason ? `: ${reason}` : ""}`;
    const calls = [...this.#underWay].filter(({ request }) => id === request.id && id);
    for (const call of calls) {
      call.isCancelled = true;
      this.#stop(call, why);
    }
    return calls.length > 0;
  }

  #stop(call: RpcCall, why: string): void {
    this.#dispatcher.options.pool.cancel(call, why);
    call.abandon();
  }

  /** A reader of items has room for more. Whether there is such a reader. */
  #taken({ token, items }: RpcTaken): boolean {
    const calls = [...this.#underWay].filter((call) => call.token === token);
    for (const call of calls) call.taken(items);
    return calls.length > 0;
  }

  #succeed(place: RpcPlace, result: string): void {
    // A lane that was taken over by its job may send what breaks the line.
    if (/[\r\n]/.test(result)) {
      const message = "Cannot send the result: it is no JSON";
      return this.#fail(place, { code: "INTERNAL", message });
    }
    this.#respond(place, (addressee) => formatRpcResult(addressee, result));
  }

  #fail(place: RpcPlace, error: RpcError): void {
    this.#respond(place, (addressee) => formatRpcFailure(addressee, error));
  }

  /** Answers, if there is an id; what is too long gives way to an error. */
  #respond({ request, answers, index }: RpcPlace, format: (to: RpcAddressee) => string): void {
    const { version, id } = request;
    if (id === undefined) return answers.answer(index, undefined);
    const { maxReplyBytes } = this.#dispatcher.options;
    const response = format({ version, id });
    if (!isTooLong(response, maxReplyBytes)) return answers.answer(index, response);
    const tooLong = responseTooLong(response, maxReplyBytes);
    answers.answer(index, formatRpcFailure({ version, id }, tooLong));
  }

  #send(line: string): void {
    this.#host.send(`${line}\n`);
  }
}

function readParams(params: string | undefined): RpcArguments | RpcError {
  try {
    const parsed = parseRpcParams(params);
    if (parsed.meta.text && !parsed.input.startsWith('"')) {
      throw new TypeError("Cannot run the job on a text: give it one string as its parameter");
    }
    return parsed;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { code: "INVALID", message: error.message };
  }
}
