import { type Address, formatAddress, NetError } from "../env/mod.ts";
import type { JobItem, JobRef, JobResult } from "../job/mod.ts";
import { abortable, Cancelled, Fiber, Switch } from "../switch/mod.ts";
import { Channel } from "../sync/mod.ts";
import { Call } from "./call.ts";
import { CallError } from "./call_error.ts";
import type { CallOptions, ClientEnv, ClientOptions } from "./options.ts";
import { Session } from "./session.ts";
import { ITEM_WINDOW } from "./wire.ts";

/** The first and the longest pause before it connects again, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Room is told in portions: a message for each item would cost as much as the item. */
const TAKEN_PORTION = ITEM_WINDOW / 2;

/**
 * Connects to a server. Resolves when it can be called; rejects with a {@linkcode NetError}, or with
 * a {@linkcode CallError} where the server does not let it in.
 *
 * @example
 * ```ts
 * import { type Address, connect, realEnv, runServer } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const env = realEnv({ log: { level: "warn" } });
 * const stop = new AbortController();
 * const listening = Promise.withResolvers<Address>();
 * const serving = runServer(env, {
 *   listen: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
 *   jobs: await env.cwd.subtree("workers"),
 *   stop: stop.signal,
 *   onListening: listening.resolve,
 * });
 *
 * {
 *   await using client = await connect(env, await listening.promise);
 *   assertEquals(await client.call("fib", 30), 832040);
 * }
 * stop.abort();
 * await serving;
 * ```
 */
export async function connect(
  env: ClientEnv,
  address: Address,
  options: ClientOptions = {},
): Promise<Client> {
  const client = new Client(env, address, options);
  await client.opened;
  return client;
}

/**
 * Calls jobs over one connection, many at a time. When that is lost, it connects again for the next
 * call; what had been sent fails with `LOST` and is not sent again, for it may have run (law 8).
 */
export class Client implements AsyncDisposable {
  readonly #env: ClientEnv;
  readonly #address: Address;
  readonly #options: ClientOptions;
  readonly #opened = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;
  /** Calls that were not sent, in their order. */
  readonly #waiting = new Set<Call>();
  #session: Session | undefined;
  #lastId = 0;
  #isClosing = false;
  #isOver = false;
  #news = Promise.withResolvers<void>();

  /** @ignore Made by {@linkcode connect}. */
  constructor(env: ClientEnv, address: Address, options: ClientOptions) {
    this.#env = env;
    this.#address = address;
    this.#options = options;
    this.#opened.promise.catch(() => {});
    this.#ended = this.#live();
  }

  /** @ignore For {@linkcode connect}. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /**
   * Runs a job on the server, and resolves to its result: a value as JSON carries it, with integers
   * beyond 2^53 as bigints. Rejects with a {@linkcode CallError} that says why there is none; with a
   * TypeError where the input cannot be written as JSON.
   */
  call<Given, Output>(
    job: JobRef<Given, Output>,
    input: Given,
    options?: CallOptions,
  ): Promise<JobResult<Output>>;
  /** Calls a job by its name alone: nothing is known of its types. */
  call(job: string, input: unknown, options?: CallOptions): Promise<unknown>;
  call(
    job: string | JobRef<unknown, unknown>,
    input: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    return this.#call(job, input, options).result;
  }

  /**
   * Runs a job that gives many results, and reads them as they come, a bounded number ahead. Who
   * leaves the loop early has the job stopped, and goes on when the server has said so.
   */
  stream<Given, Output>(
    job: JobRef<Given, Output>,
    input: Given,
    options?: CallOptions,
  ): AsyncGenerator<JobItem<Output>, void, void>;
  /** Calls a job by its name alone, and reads its items. */
  stream(job: string, input: unknown, options?: CallOptions): AsyncGenerator<unknown, void, void>;
  async *stream(
    job: string | JobRef<unknown, unknown>,
    input: unknown,
    options: CallOptions = {},
  ): AsyncGenerator<unknown, void, void> {
    const items = new Channel<unknown>(ITEM_WINDOW);
    const leave = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal;
    // The server sends no more than there is room for; who sends more all the same loses it.
    const take = (item: unknown) => void items.tryPut(item);
    const call = this.#call(job, input, { ...options, signal }, take);
    const ended = call.result.then(() => items.close(), (error) => items.close(error));
    let taken = 0;
    try {
      for await (const item of items) {
        yield item;
        if (++taken % TAKEN_PORTION === 0) this.#session?.taken(call, TAKEN_PORTION);
      }
    } finally {
      leave.abort();
      await ended;
    }
  }

  /** Takes no more calls, lets those that were made end, and closes the connection. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    await this.#ended;
  }

  /** Closes the client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #call(
    job: string | JobRef<unknown, unknown>,
    input: unknown,
    options: CallOptions,
    onItem?: (item: unknown) => void,
  ): Call {
    const name = typeof job === "string" ? job : job.name;
    const call = new Call(++this.#lastId, { ...options, job: name, input, onItem });
    const { signal } = options;
    if (this.#isOver || this.#isClosing) call.drop("CLOSED", "the client is closed");
    else if (signal?.aborted) call.fail(neverSent(name));
    else this.#enqueue(call, signal);
    return call;
  }

  #enqueue(call: Call, signal: AbortSignal | undefined): void {
    this.#waiting.add(call);
    if (signal !== undefined) call.cancelOn(signal, () => this.#cancel(call));
    this.#sendWaiting();
    this.#wake();
  }

  #cancel(call: Call): void {
    if (!this.#waiting.delete(call)) return this.#session?.cancel(call);
    call.fail(neverSent(call.job));
    this.#wake();
  }

  #sendWaiting(): void {
    const { maxInFlight = 64 } = this.#options;
    const session = this.#session;
    if (session === undefined) return;
    for (const call of this.#waiting) {
      if (session.inFlight >= maxInFlight || session.isFull) return;
      this.#waiting.delete(call);
      session.send(call);
    }
  }

  /** Its whole life. Never rejects: whoever connected, or called, is told. */
  async #live(): Promise<void> {
    const { signal } = this.#options;
    try {
      await Switch.run((sw) => this.#serve(sw), { name: "client", ...(signal && { signal }) });
    } catch (error) {
      this.#opened.reject(error);
      this.#dropWaiting(error);
    }
    this.#isOver = true;
  }

  /** One connection after the other: the first at once, and the next when there is a call for it. */
  async #serve(sw: Switch): Promise<void> {
    await this.#converse(sw, (sw) => this.#open(sw));
    while (!this.#isDone) {
      if (this.#waiting.size > 0) await this.#converse(sw, (sw) => this.#openAgain(sw));
      else await abortable(this.#news.promise, sw.signal);
    }
  }

  #open(sw: Switch): Promise<Session> {
    return Session.open(sw, this.#env, this.#address, this.#options);
  }

  async #openAgain(sw: Switch): Promise<Session> {
    const { reconnects = 10 } = this.#options;
    if (reconnects === 0) throw new CallError("LOST", "it was lost, and reconnects is 0");
    return await Fiber.retry(this.#env.clock, () => this.#open(sw), {
      signal: sw.signal,
      attempts: reconnects,
      delayMs: FIRST_PAUSE_MS,
      maxDelayMs: LONGEST_PAUSE_MS,
      isRetryable: (error) => error instanceof NetError,
    });
  }

  /** Speaks over one connection until it ends, or nothing is left to say. Rejects if none is opened. */
  async #converse(sw: Switch, open: (sw: Switch) => Promise<Session>): Promise<void> {
    let session: Session | undefined;
    let why: unknown = new CallError("LOST", "the server ended the connection");
    try {
      await sw.run(async (sw) => {
        session = this.#session = await open(sw);
        this.#opened.resolve();
        this.#sendWaiting();
        await this.#listen(sw, session);
      }, { name: `connection to ${formatAddress(this.#address)}` });
    } catch (error) {
      why = error;
      if (session === undefined || error instanceof Cancelled) throw error;
    } finally {
      this.#session = undefined;
      session?.drop(codeOf(why), sentenceOf(why));
    }
  }

  /** Hands out replies until the server ends the connection, or the client is done with it. */
  async #listen(sw: Switch, session: Session): Promise<void> {
    let isOver = false;
    sw.fork(async () => {
      await session.listen(() => this.#hasRoom());
      isOver = true;
      this.#wake();
    });
    while (!isOver && !this.#isDone) await abortable(this.#news.promise, sw.signal);
    if (!isOver) await session.end();
  }

  #hasRoom(): void {
    this.#sendWaiting();
    if (this.#isClosing) this.#wake();
  }

  /** Whether it is closing, and nothing is left to wait for. */
  get #isDone(): boolean {
    return this.#isClosing && this.#waiting.size === 0 && (this.#session?.inFlight ?? 0) === 0;
  }

  #dropWaiting(error: unknown): void {
    for (const call of this.#waiting) call.drop(codeOf(error), sentenceOf(error));
    this.#waiting.clear();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

function neverSent(job: string): CallError {
  return new CallError("CANCELLED", `Cannot call ${job}: it was cancelled before it was sent`);
}

function codeOf(error: unknown): "LOST" | "CLOSED" {
  return error instanceof Cancelled ? "CLOSED" : "LOST";
}

function sentenceOf(error: unknown): string {
  if (error instanceof Cancelled) return "the client was closed";
  return error instanceof Error ? error.message : String(error);
}
