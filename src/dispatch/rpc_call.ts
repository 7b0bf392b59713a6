import type { Progress } from "../job/mod.ts";
import { type Job, type JobInput, JobRequest, type Outcome, type Submitter } from "../pool/mod.ts";
import type { RpcArguments, RpcMeta, RpcRequest } from "../protocol/mod.ts";
import type { RpcAnswers } from "./rpc_batch.ts";

/** Those who see to the calls of a connection. */
export interface RpcCallOwner {
  /** Sends a notification. */
  tell(method: string, params: string): void;
  /** Sends an item. Throws where it cannot be sent; waits while the client does not read. */
  sendItem(token: string | undefined, item: string): Promise<void> | undefined;
  /** A job has ended. */
  settle(call: RpcCall, outcome: Outcome): void;
}

/** A request, and where its answer goes. */
export interface RpcPlace {
  readonly request: RpcRequest;
  readonly answers: RpcAnswers;
  readonly index: number;
}

/** A request for a job. */
export class RpcCall extends JobRequest implements RpcPlace {
  readonly request: RpcRequest;
  readonly answers: RpcAnswers;
  readonly index: number;
  /** Whether its client has cancelled it. */
  isCancelled = false;
  readonly #owner: RpcCallOwner;
  readonly #meta: RpcMeta;
  #untaken = 0;
  #isAbandoned = false;
  #outcome: Outcome | undefined;
  readonly #held: (PromiseWithResolvers<void> & { readonly item: unknown })[] = [];

  constructor(
    owner: RpcCallOwner,
    { request, answers, index }: RpcPlace,
    job: Job,
    { input, meta }: RpcArguments,
    submitter: Submitter,
  ) {
    // A client may want less than the operator allows, not more.
    const deadlineMs = Math.min(meta.deadlineMs ?? Infinity, job.deadlineMs);
    super(job, inputOf(input, meta), submitter, {
      deadlineMs,
      ...(meta.priority === undefined ? {} : { priority: meta.priority }),
    });
    this.request = request;
    this.answers = answers;
    this.index = index;
    this.#owner = owner;
    this.#meta = meta;
  }

  /** What its notifications carry, as JSON. */
  get token(): string | undefined {
    return this.#meta.progressToken;
  }

  /** The result as JSON, which it is already, unless the job was asked for a text. */
  toJson(result: unknown): string {
    return this.#meta.text ? JSON.stringify(String(result)) : String(result);
  }

  override progressed(progress: Progress): void {
    const { token } = this;
    const value = JSON.stringify(progress);
    if (token !== undefined) this.#owner.tell("$/progress", `{"token":${token},"value":${value}}`);
  }

  /** Sends an item, or holds it while the client has as many as it wants. Waits for it to be taken. */
  override item(item: unknown): Promise<void> | undefined {
    if (this.#isAbandoned) return undefined;
    if (this.#hasRoom) return this.#sendItem(item);
    const held = Promise.withResolvers<void>();
    this.#held.push({ ...held, item });
    return held.promise;
  }

  /** The client has room for more items. */
  taken(items: number): void {
    this.#untaken -= items;
    for (let held; this.#hasRoom && (held = this.#held.shift()) !== undefined;) {
      const { item, resolve } = held;
      resolve(Promise.try(() => this.#sendItem(item)));
    }
    this.#respond();
  }

  /** Nobody wants its items any more: it need not wait for them to be taken. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const { resolve } of this.#held.splice(0)) resolve();
    this.#respond();
  }

  get #hasRoom(): boolean {
    const { items } = this.#meta;
    return typeof items !== "number" || this.#untaken < items;
  }

  #sendItem(item: unknown): Promise<void> | undefined {
    this.#untaken++;
    return this.#owner.sendItem(this.token, String(item));
  }

  /** The response comes behind the last item. */
  override settled(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#respond();
  }

  #respond(): void {
    const outcome = this.#outcome;
    if (outcome === undefined || this.#held.length > 0) return;
    this.#outcome = undefined;
    this.#owner.settle(this, outcome);
  }
}

/** A text is given to the job's own `parse`, as on a line; anything else is read in the lane. */
function inputOf(input: string, { text, bigints, items }: RpcMeta): JobInput {
  if (text) return String(JSON.parse(input));
  return { json: input, bigints, ...(items ? { streams: true } : {}) };
}
