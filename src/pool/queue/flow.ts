import type { Backlog } from "./backlog.ts";
import type { JobRequest } from "../job_request.ts";

/**
 * The requests of one submitter with one priority that wait in one scope, in the order of their
 * arrival. Any of them can leave at once, wherever it stands. A flow is linked into the ring of those
 * that take turns while it holds requests; an empty one is no more than its account.
 */
export class Flow {
  readonly backlog: Backlog;
  readonly rank: number;

  /**
   * The milliseconds of work that it was given, in each kind of work: see `FairRing`. Flows of one
   * whole have this in common.
   */
  readonly spentMs: number[];

  /** Its neighbours in the ring that it stands in. */
  previous: Flow | undefined;
  next: Flow | undefined;

  /** The first round of that ring in which it has a turn. */
  round = 0;

  /** The kind of work whose ring that is: what the first of its requests is. */
  kind = 0;

  #first: JobRequest | undefined;
  #last: JobRequest | undefined;
  #length = 0;

  constructor(backlog: Backlog, rank: number, spentMs: number[] = [0, 0, 0, 0]) {
    this.backlog = backlog;
    this.rank = rank;
    this.spentMs = spentMs;
  }

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** The one whose turn it is. */
  get first(): JobRequest | undefined {
    return this.#first;
  }

  /** Puts a request at the end. */
  push(request: JobRequest): void {
    this.#insertAfter(this.#last, request);
  }

  /** Puts a request that had its turn already back to where it stood. */
  restore(request: JobRequest): void {
    let before: JobRequest | undefined;
    for (let at = this.#first; at !== undefined && at.arrival < request.arrival; at = at.next) {
      before = at;
    }
    this.#insertAfter(before, request);
  }

  /** Takes a request out. It must be in this flow. */
  remove(request: JobRequest): void {
    if (request.previous === undefined) this.#first = request.next;
    else request.previous.next = request.next;
    if (request.next === undefined) this.#last = request.previous;
    else request.next.previous = request.previous;
    request.previous = request.next = undefined;
    this.#length--;
  }

  #insertAfter(before: JobRequest | undefined, request: JobRequest): void {
    const after = before === undefined ? this.#first : before.next;
    request.previous = before;
    request.next = after;
    if (before === undefined) this.#first = request;
    else before.next = request;
    if (after === undefined) this.#last = request;
    else after.previous = request;
    this.#length++;
  }
}
