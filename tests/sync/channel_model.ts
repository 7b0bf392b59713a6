/** One way in which an operation may end, as the model sees it. */
export interface ModelCase {
  /** The number of the channel. */
  readonly channel: number;
  readonly side: "put" | "take";
  /** What a put puts. */
  readonly item: number;
}

/** A put, a take, or a choice of several. */
export class Operation {
  /** `"open"`, `"cancelled"`, `"failed"`, `"put 1"` or `"took 1"`. */
  state = "open";

  constructor(readonly cases: readonly ModelCase[]) {}
}

interface Place {
  readonly operation: Operation;
  readonly case: ModelCase;
}

interface ModelChannel {
  readonly capacity: number;
  items: number[];
  line: Place[];
  isClosed: boolean;
  /** When each side was last preferred by a choice. */
  readonly turn: { put: number; take: number };
}

/** What channels should do, by arrays: slow, and easy to be sure of. */
export class ChannelModel {
  readonly #channels: readonly ModelChannel[];

  constructor(capacities: readonly number[]) {
    this.#channels = capacities.map((capacity) => ({
      capacity,
      items: [],
      line: [],
      isClosed: false,
      turn: { put: 0, take: 0 },
    }));
  }

  /** The length of a channel, how many wait to put, and how many to take. */
  gauges(channel: number): number[] {
    const { items, line } = this.#at(channel);
    const waiting = (side: string) => line.filter((place) => place.case.side === side).length;
    return [items.length, waiting("put"), waiting("take")];
  }

  /** Does what can be done of it now; otherwise it waits, unless it only tries. */
  start(operation: Operation, kind: "alone" | "choice" | "try"): void {
    const ready = operation.cases.filter((each) => this.#isReady(each));
    const [first] = ready;
    if (first !== undefined) {
      const chosen = kind === "choice" ? this.#prefer(ready, operation.cases) : first;
      operation.state = this.#perform(chosen);
    } else if (kind === "try") operation.state = "refused";
    else for (const each of operation.cases) this.#lineOf(each).push({ operation, case: each });
  }

  cancel(operation: Operation): void {
    if (operation.state === "open") this.#settle(operation, "cancelled");
  }

  close(channel: number): void {
    const closing = this.#at(channel);
    closing.isClosed = true;
    for (const { operation } of [...closing.line]) this.#settle(operation, "failed");
  }

  #isReady({ channel, side }: ModelCase): boolean {
    const { isClosed, items, capacity } = this.#at(channel);
    const hasPeer = this.#firstWaiting(channel, side === "put" ? "take" : "put") !== undefined;
    return isClosed || hasPeer || (side === "put" ? items.length < capacity : items.length > 0);
  }

  /** The least recently preferred of `ready`. */
  #prefer(ready: readonly ModelCase[], all: readonly ModelCase[]): ModelCase {
    const turnOf = ({ channel, side }: ModelCase) => this.#at(channel).turn[side];
    const [chosen] = ready.toSorted((a, b) => turnOf(a) - turnOf(b));
    this.#at(chosen!.channel).turn[chosen!.side] = 1 + Math.max(...all.map(turnOf));
    return chosen!;
  }

  #perform({ channel, side, item }: ModelCase): string {
    return side === "put" ? this.#put(channel, item) : this.#take(channel);
  }

  #put(channel: number, item: number): string {
    const { isClosed, items } = this.#at(channel);
    if (isClosed) return "failed";
    const taker = this.#firstWaiting(channel, "take");
    if (taker === undefined) items.push(item);
    else this.#settle(taker.operation, `took ${item}`);
    return `put ${item}`;
  }

  #take(channel: number): string {
    const { items } = this.#at(channel);
    const putter = this.#firstWaiting(channel, "put");
    if (putter !== undefined) {
      items.push(putter.case.item);
      this.#settle(putter.operation, `put ${putter.case.item}`);
    }
    const item = items.shift();
    return item === undefined ? "failed" : `took ${item}`;
  }

  #firstWaiting(channel: number, side: "put" | "take"): Place | undefined {
    return this.#at(channel).line.find((place) => place.case.side === side);
  }

  #settle(operation: Operation, state: string): void {
    operation.state = state;
    for (const channel of this.#channels) {
      channel.line = channel.line.filter((place) => place.operation !== operation);
    }
  }

  #lineOf({ channel }: ModelCase): Place[] {
    return this.#at(channel).line;
  }

  #at(channel: number): ModelChannel {
    return this.#channels[channel]!;
  }
}
