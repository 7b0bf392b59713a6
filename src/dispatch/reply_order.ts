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

  /** The turns whose replies are owed, in their order, as it is now. */
  get turns(): Turn[] {
    const turns: Turn[] = [];
    for (let turn = this.#first; turn !== undefined; turn = turn.after) turns.push(turn);
    return turns;
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
    turn.after = undefined; // an old turn must not keep those after it alive, and they the next
    this.#length--;
    return turn.reply;
  }
}
