import type { Log } from "../../env/mod.ts";
import type { CallDesk } from "./call_desk.ts";
import type { JobRequest } from "../job_request.ts";
import type { PoolLane } from "../lanes/lane.ts";
import { type FromRun, ITEM_WINDOW, recordError, type ToRun } from "../link/mod.ts";

/** What the talk with a run needs of its pool. */
export interface TalkOwner {
  readonly log: Log;
  readonly desk: CallDesk;
  /** A run waits for the server, or for who submitted it: its core is free meanwhile. */
  onWaiting(): void;
  /** Stops a request whose submitter cannot be talked to. */
  cancel(request: JobRequest, why: string): void;
}

/** Credit goes back in portions: a message for each item would cost as much as the item. */
const CREDIT_PORTION = ITEM_WINDOW / 2;

/** What is said between one run that has begun and those it talks to. Most requests never have one. */
export class RequestTalk {
  readonly #request: JobRequest;
  readonly #lane: PoolLane;
  readonly #owner: TalkOwner;
  readonly #over = new AbortController();
  #untaken = 0;
  #credit = 0;
  #wanted = 0;
  #isPumping = false;
  #calls = 0;

  constructor(request: JobRequest, lane: PoolLane, owner: TalkOwner) {
    this.#request = request;
    this.#lane = lane;
    this.#owner = owner;
  }

  /** How many calls are under way. */
  get calls(): number {
    return this.#calls;
  }

  /** Whether the run most likely waits for this side, and needs no core. */
  get isWaiting(): boolean {
    return this.#calls > 0 || this.#isFull || this.#isPumping;
  }

  /** Whether the run may give no more items. What was taken, and not yet told to it, is no room. */
  get #isFull(): boolean {
    return this.#untaken + this.#credit >= ITEM_WINDOW;
  }

  /** Hears the run. */
  hear(message: FromRun): void {
    switch (message.type) {
      case "progress":
        return this.#guard(() => this.#request.progressed(message.progress));
      case "log":
        return this.#log(message);
      case "item":
        return this.#deliver(message.item);
      case "want":
        return this.#want(message.chunks);
      case "call":
        return void this.#call(message);
    }
  }

  /** The request has its outcome: calls are cancelled, the source is let go of. */
  end(): void {
    this.#over.abort();
    void this.#request.source?.close();
  }

  #log({ level, message, fields }: FromRun & { type: "log" }): void {
    const { job, id } = this.#request;
    this.#owner.log[level](message, {
      ...fields,
      job: job.name,
      lane: this.#lane.id,
      request: id,
    });
  }

  #deliver(item: unknown): void {
    this.#untaken++;
    if (this.#isFull) this.#owner.onWaiting();
    this.#guard(() => {
      const taking = this.#request.item(item);
      if (taking === undefined) this.#taken();
      else taking.then(() => this.#taken(), (error) => this.#failed(error));
    });
  }

  #taken(): void {
    this.#untaken--;
    if (++this.#credit < CREDIT_PORTION) return;
    this.#tell({ type: "credit", seq: this.#request.seq, items: this.#credit });
    this.#credit = 0;
  }

  #want(chunks: number): void {
    this.#wanted += chunks;
    if (!this.#isPumping) void this.#pump();
  }

  /** Sends chunks as the run wants them, and as the source has them. */
  async #pump(): Promise<void> {
    const { source, seq } = this.#request;
    this.#isPumping = true;
    this.#owner.onWaiting();
    try {
      while (this.#wanted > 0 && !this.#over.signal.aborted) {
        const piece = await source?.next();
        if (piece === undefined) return this.#tell({ type: "chunks-end", seq });
        this.#wanted--;
        this.#tell({ type: "chunk", seq, chunk: piece.chunk }, piece.transfer);
      }
    } catch (error) {
      this.#tell({ type: "chunks-end", seq, error: recordError(error) });
    } finally {
      this.#isPumping = false;
    }
  }

  async #call(message: FromRun & { type: "call" }): Promise<void> {
    const { seq } = this.#request;
    this.#calls++;
    const answering = this.#owner.desk.call(this.#request, message, this.#over.signal);
    this.#owner.onWaiting();
    const answer = await answering;
    this.#calls--;
    try {
      this.#tell({ type: "answer", seq, call: message.call, answer });
    } catch (error) {
      this.#tell({
        type: "answer",
        seq,
        call: message.call,
        answer: { error: recordError(error) },
      });
    }
  }

  /** Says something to the run, if it is still there. Throws where it cannot be sent. */
  #tell(message: ToRun, transfer?: readonly Transferable[]): void {
    if (this.#request.place === "posted") this.#lane.tell(message, transfer);
  }

  /** What the submitter's functions throw ends their request, and nothing else. */
  #guard(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#request.place === "settled") return;
    const { job, id } = this.#request;
    this.#owner.log.error("Cannot hand over what a job says", {
      job: job.name,
      request: id,
      error,
    });
    this.#owner.cancel(this.#request, "its submitter failed to take what it says");
  }
}
