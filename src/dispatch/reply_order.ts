/** A place in the order of a connection's replies. */
export interface Turn {
  /** The reply, once it is known. */
  reply: string | undefined;
  after: Turn | undefined;
}

/** Replies in the order of their requests, whatever order they become known in. */
export class ReplyOrder {
  #first: Turn | undefined;
  #last: Turn | undefined;
  #length = 0;

  /** How many replies are owed. */
  get length(): number {
    return this.#length;
  }

  /** The turn that is next, which leads to the others. */
  get first(): Turn | undefined {
    return this.#first;
  }

  /** Takes the next place. */
  append(turn: Turn): void {
    if (this.#last === undefined) this.#first = turn;
    else this.#last.after = turn;
    this.#last = turn;
    this.#length++;
  }

  /** Takes the next reply out, if it is known. */
  take(): string | undefined {
    const turn = this.#first;
    if (turn?.reply === undefined) return undefined;
    this.#first = turn.after;
    if (turn.after === undefined) this.#last = undefined;
    this.#length--;
    return turn.reply;
  }
}
