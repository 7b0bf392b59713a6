import { close, connect, receive, send } from "./libc.ts";
import { ReplyCheck } from "./reply_check.ts";
import { MAX_BATCH, type Script } from "./script.ts";
import type { Tally } from "./tally.ts";
import { TimeQueue } from "./time_queue.ts";

/** All read into the same: what comes is looked at before the next is read. */
const buffer = new Uint8Array(65_536);

/** A connection that asks what its script says, and checks what it is told. */
export class Client {
  readonly #port: number;
  readonly #script: Script;
  readonly #tally: Tally;
  readonly #check: ReplyCheck;
  readonly #sent = new TimeQueue();
  #next = 0;
  #fd: number;

  constructor(port: number, script: Script, tally: Tally) {
    this.#port = port;
    this.#script = script;
    this.#tally = tally;
    this.#check = new ReplyCheck(script);
    this.#fd = connect(port);
  }

  /** Its descriptor, another one after each {@linkcode reconnect}. */
  get fd(): number {
    return this.#fd;
  }

  /** When the oldest request was sent that has no reply, or for ever. */
  get oldestMs(): number {
    return this.#sent.oldest;
  }

  /** Sends the next so many requests, as of `ms`. */
  send(count: number, ms: number): void {
    for (let rest = count; rest > 0;) {
      const batch = Math.min(rest, MAX_BATCH);
      send(this.#fd, this.#script.requests(this.#next, batch));
      this.#next = (this.#next + batch) % this.#script.length;
      rest -= batch;
    }
    for (let i = 0; i < count; i++) this.#sent.push(ms);
  }

  /** Reads what has come, counts it, and returns how many replies it was. */
  receive(): number {
    const count = receive(this.#fd, buffer);
    const replies = this.#check.take(buffer, count);
    if (replies > this.#sent.length) throw new Error("Cannot measure: a reply came to no request");
    const nowMs = performance.now();
    for (let i = 0; i < replies; i++) this.#tally.count(this.#sent.shift(), nowMs);
    return replies;
  }

  /** Leaves, and comes again. */
  reconnect(visit: number): void {
    close(this.#fd);
    this.#fd = connect(this.#port, visit);
  }

  /** Leaves. */
  [Symbol.dispose](): void {
    close(this.#fd);
  }
}
