import type { Address } from "../env/mod.ts";
import { formatAddress } from "../env/mod.ts";
import { Connection } from "../net/mod.ts";
import type { Switch } from "../switch/mod.ts";
import type { Call } from "./call.ts";
import { CallError } from "./call_error.ts";
import type { ClientEnv, ClientOptions } from "./options.ts";
import { formatCancel, formatRequest, formatTaken, type FromServer, parseLine } from "./wire.ts";

/** The id of the request that says who is there; calls count from 1. */
const WHO = 0;

/** One connection of a client, from its opening to its end. */
export class Session {
  readonly #connection: Connection;
  readonly #address: Address;
  readonly #sent = new Map<number, Call>();

  private constructor(connection: Connection, address: Address) {
    this.#connection = connection;
    this.#address = address;
  }

  /** Connects, and says who is there. Rejects with a NetError or a CallError. */
  static async open(
    sw: Switch,
    { net, clock }: ClientEnv,
    address: Address,
    { tls, token, maxReplyBytes = 16_777_216 }: ClientOptions,
  ): Promise<Session> {
    const conn = await net.connect(sw, address, tls === undefined ? {} : { tls });
    const options = { clock, maxLineBytes: maxReplyBytes, halfClose: "answer" } as const;
    const session = new Session(new Connection(sw, conn, options), address);
    if (token !== undefined) await session.#authenticate(token);
    return session;
  }

  /** How many calls were sent that have no reply. */
  get inFlight(): number {
    return this.#sent.size;
  }

  /** Whether the server does not take what is sent: then no more should be. */
  get isFull(): boolean {
    return this.#connection.writer.isFull;
  }

  /** Sends a call. */
  send(call: Call): void {
    call.sent();
    this.#sent.set(call.id, call);
    this.#connection.writer.writeLine(call.line);
  }

  /** Asks the server to stop a call that was sent. Its reply says how it stopped. */
  cancel(call: Call): void {
    if (this.#sent.has(call.id)) this.#connection.writer.writeLine(formatCancel(call.id));
  }

  /** Tells the server that so many items of a call have been read. */
  taken(call: Call, items: number): void {
    if (this.#sent.has(call.id)) this.#connection.writer.writeLine(formatTaken(call.id, items));
  }

  /** Hands out what the server says, until it ends; `onRoom` is called when there may be room. */
  async listen(onRoom: () => void): Promise<void> {
    for (;;) {
      const message = await this.#next();
      if (message === undefined) return;
      this.#take(message);
      onRoom();
      if (this.isFull) void this.#connection.writer.ready().then(onRoom, () => {});
    }
  }

  /** Sends no more, and lets the server answer what it was asked. */
  end(): Promise<void> {
    return this.#connection.end();
  }

  /** Fails what was sent and has no reply. */
  drop(code: "LOST" | "CLOSED", why: string): void {
    for (const call of this.#sent.values()) call.drop(code, why);
    this.#sent.clear();
  }

  async #authenticate(token: string): Promise<void> {
    const params = JSON.stringify({ token });
    this.#connection.writer.writeLine(formatRequest(WHO, "rpc.authenticate", params));
    const reply = await this.#next();
    if (reply?.kind === "error") throw reply.error;
    if (reply?.kind === "result") return;
    const where = formatAddress(this.#address);
    throw new CallError("LOST", `Cannot authenticate to ${where}: it ended the connection`);
  }

  async #next(): Promise<FromServer | undefined> {
    const line = await this.#connection.reader.readLine();
    if (line === undefined) return undefined;
    if (typeof line === "string") return parseLine(line);
    const fault = line.kind === "too-long" ? "is longer than maxReplyBytes" : "is no UTF-8";
    throw new CallError("LOST", `Cannot read a reply of ${line.bytes} bytes: it ${fault}`);
  }

  #take(message: FromServer): void {
    if (message.kind === "news") return;
    const call = this.#sent.get(Number(message.id));
    if (call === undefined) return;
    if (message.kind === "progress") return call.progressed(message.progress);
    if (message.kind === "item") return call.item(message.item);
    this.#sent.delete(call.id);
    if (message.kind === "result") call.succeed(message.result);
    else call.fail(message.error);
  }
}
