import type { JobRequest } from "./job_request.ts";

/** Requests in the order of their arrival. Any of them can leave at once, wherever it stands. */
export class RequestQueue {
  #first: JobRequest | undefined;
  #last: JobRequest | undefined;
  #length = 0;

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
    request.previous = this.#last;
    request.next = undefined;
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
    this.#length++;
  }

  /** Puts a request that had its turn already back to the front. */
  unshift(request: JobRequest): void {
    request.previous = undefined;
    request.next = this.#first;
    if (this.#first === undefined) this.#last = request;
    else this.#first.previous = request;
    this.#first = request;
    this.#length++;
  }

  /** Takes a request out. It must be in this queue. */
  remove(request: JobRequest): void {
    if (request.previous === undefined) this.#first = request.next;
    else request.previous.next = request.next;
    if (request.next === undefined) this.#last = request.previous;
    else request.next.previous = request.previous;
    request.previous = request.next = undefined;
    this.#length--;
  }
}
