import type { LineFault } from "../net/mod.ts";
import {
  type Command,
  formatRpcFailure,
  isLast,
  isTlsHello,
  parseCommand,
  replyAtOnce,
} from "../protocol/mod.ts";
import type { Caller } from "./caller.ts";
import type { Dispatcher, DispatcherOptions } from "./dispatcher.ts";
import type { Host } from "./host.ts";
import type { TakenLine } from "./intake.ts";
import { type Refusal, tooManyFaults, unauthenticated, unreadable } from "./refusals.ts";
import { RpcCalls } from "./rpc_calls.ts";
import type { Stint } from "./stint.ts";
import { TextCalls } from "./text_calls.ts";

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Answers the lines of one connection, told apart by what they begin with. Replies to text keep the
 * order of their lines; those of JSON-RPC go out as they come.
 */
export class LineDesk {
  readonly #dispatcher: Dispatcher;
  readonly #options: DispatcherOptions;
  readonly #caller: Caller;
  readonly #host: Host;
  readonly #stint: Stint;
  readonly #text: TextCalls;
  #rpc: RpcCalls | undefined = undefined;
  #lines = 0;
  #faults = 0;
  #speaksText = false;

  constructor(dispatcher: Dispatcher, caller: Caller, host: Host, stint: Stint) {
    this.#dispatcher = dispatcher;
    this.#options = dispatcher.options;
    this.#caller = caller;
    this.#host = host;
    this.#stint = stint;
    this.#text = new TextCalls(dispatcher, caller, host);
  }

  /** How many lines have come so far. */
  get lines(): number {
    return this.#lines;
  }

  /** How many jobs are under way. */
  get jobs(): number {
    return this.#text.jobs + (this.#rpc?.size ?? 0);
  }

  /** How many requests have no reply yet. */
  get underWay(): number {
    return this.#text.owed + (this.#rpc?.size ?? 0);
  }

  /** Answers a line, at once or when its job has ended. */
  answer(line: TakenLine): void {
    this.#lines++;
    if (typeof line === "number") return this.#answerNumber(line);
    if (typeof line !== "string") return this.#answerFault(line);
    this.#stint.countLine(line.length);
    const { offer, isAdmitted } = this.#caller;
    if (!isAdmitted) return this.#answerStranger(line);
    this.#do(parseCommand(line, offer.grammar), line);
  }

  /** No more lines are here: those to come have another time. */
  tookLines(): void {
    this.#text.tookLines();
  }

  /** Looks at the first bytes: a TLS hello need not hold a newline, and its sender waits. */
  greet(bytes: Uint8Array): void {
    if (this.#options.dialects !== "all" || !isTlsHello(bytes)) return;
    this.#do({ kind: "foreign", protocol: "tls" }, "");
  }

  /** Says why no more lines are taken, in the way that the client speaks. */
  dismiss(refusal: Refusal): void {
    const isMute = this.#options.dialects === "numbers" && this.#caller.isAdmitted;
    if (!isMute) this.#refuse(refusal, this.#rpc !== undefined && !this.#speaksText);
  }

  /** The last word of a server that drains, to a client that speaks as people do. */
  sayBye(): void {
    if (!this.#speaksText || this.#options.dialects === "numbers") return;
    this.#text.reply({ kind: "bye", message: "The server is stopping" });
  }

  /** Says that the server drains, to who hears such things. */
  tellDraining(): void {
    this.#rpc?.tellDraining();
  }

  /** No line is read any more, so none says that the client has taken an item. */
  giveAllItems(): void {
    this.#rpc?.giveAllItems();
  }

  /** Cancels all that is under way, for the reason in words. */
  cancelAll(why: string): void {
    this.#text.cancelAll(why);
    this.#rpc?.cancelAll(why);
  }

  /** What most clients send, for the server is there for it: it is answered without a command. */
  #answerNumber(n: number): void {
    this.#stint.countLine(0);
    if (!this.#caller.isAdmitted) return this.#answerStranger(String(n));
    this.#speaksText = true;
    this.#text.submitNumber(n, this.#lines);
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
        if (isLast(command)) this.#host.finish();
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
    this.#host.authenticate(token, (refusal) => {
      reply(refusal ?? { kind: "result", text: `you are ${this.#caller.principal!.name}` });
    });
  }

  #take(line: string): void {
    const requests = this.#calls().take(line);
    if (requests > 1) this.#host.owe(requests - 1);
  }

  /** Most connections never speak JSON-RPC. */
  #calls(): RpcCalls {
    return this.#rpc ??= new RpcCalls(
      this.#dispatcher,
      this.#caller,
      this.#host,
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
    this.#host.finish();
  }

  #refuse(refusal: Refusal, isRpc: boolean): void {
    if (!isRpc) return this.#text.reply(refusal);
    const code = refusal.code === "INVALID" ? "PARSE_ERROR" : refusal.code;
    const failure = formatRpcFailure({ version: "2.0", id: "null" }, { ...refusal, code });
    this.#host.send(`${failure}\n`);
  }
}
