import type { Flow } from "./flow.ts";

/**
 * How much work a flow is given before the next has its turn, in milliseconds: some twenty tiny jobs,
 * or one that is longer.
 */
const QUANTUM_MS = 0.2;

/**
 * Flows that share time equally, whatever each of their jobs takes: deficit round robin. A flow has its
 * turn when what it has spent, and what its next job is expected to take, fits into the round; one
 * whose job is longer than the quantum sits out as many rounds as that is worth. Rounds in which nobody
 * could have a turn are skipped, and when nobody waits all is forgiven.
 *
 * Who joins waits for the next round, so that however many come new, those who are there have their
 * turns. Who has had a turn stands last, and who sits out keeps its place: of flows that share what
 * they may spend, none goes twice before another. Adding, removing and serving take constant time, but
 * for the flows that sit out.
 */
export class FairRing {
  readonly #account: number;
  #head: Flow | undefined;
  #size = 0;
  #round = 0;
  /** Whether the head has had a turn: in the next round it comes last. */
  #hasServedHead = false;
  /** What a flow may have spent in this round, its next job included. */
  #limitMs = 0;
  #mostSpentMs = 0;

  /** A ring that charges what its flows are given to this account of theirs. */
  constructor(account: number) {
    this.#account = account;
  }

  /** How many flows take turns. */
  get size(): number {
    return this.#size;
  }

  /** Adds a flow: its turn comes in the next round. What it did not use before is void. */
  add(flow: Flow): void {
    const spentMs = flow.spentMs[this.#account]!;
    flow.spentMs[this.#account] = Math.max(spentMs, this.#limitMs - QUANTUM_MS);
    flow.round = this.#round + 1;
    linkBefore(this.#head ??= flow, flow);
    this.#size++;
  }

  /** Takes a flow out. It must be in this ring. */
  remove(flow: Flow): void {
    if (this.#head === flow) this.#setHead(flow.next === flow ? undefined : flow.next);
    unlink(flow);
    flow.previous = flow.next = undefined;
    if (--this.#size === 0) this.#limitMs = Math.max(this.#limitMs, this.#mostSpentMs);
  }

  /** The flow whose turn it is, and stays, until it has spent what the round allows. */
  get next(): Flow | undefined {
    if (this.#head === undefined) return undefined;
    return this.#firstInCredit() ?? this.#openRound();
  }

  /** Counts work that a flow was given; or gives back, where it was counted too high. */
  charge(flow: Flow, ms: number): void {
    const spentMs = flow.spentMs[this.#account]! + ms;
    flow.spentMs[this.#account] = spentMs;
    if (spentMs > this.#mostSpentMs) this.#mostSpentMs = spentMs;
    if (flow === this.#head) this.#hasServedHead = true;
  }

  /** The flows, in the order of their turns. The ring must not change meanwhile. */
  *[Symbol.iterator](): Generator<Flow> {
    let flow = this.#head!;
    for (let passed = 0; passed < this.#size; passed++) {
      yield flow;
      flow = flow.next!;
    }
  }

  #firstInCredit(): Flow | undefined {
    let flow = this.#head!;
    for (let passed = 0; passed < this.#size; passed++) {
      if (flow.round <= this.#round && this.#bill(flow) <= this.#limitMs) return this.#turnTo(flow);
      flow = flow.next!;
    }
    return undefined;
  }

  /** Goes on to the first round in which somebody may have a turn, and to the next flow. */
  #openRound(): Flow | undefined {
    let leastMs = Infinity;
    for (const flow of this) leastMs = Math.min(leastMs, this.#bill(flow));
    this.#limitMs = leastMs + QUANTUM_MS;
    this.#round++;
    if (this.#hasServedHead) this.#setHead(this.#head!.next);
    return this.#firstInCredit();
  }

  /** Takes a flow to the front. Who was there and had a turn goes to the end. */
  #turnTo(flow: Flow): Flow {
    if (this.#hasServedHead && flow !== this.#head) this.#setHead(this.#head!.next);
    if (flow === this.#head) return flow;
    unlink(flow);
    linkBefore(this.#head!, flow);
    return this.#setHead(flow)!;
  }

  #setHead(flow: Flow | undefined): Flow | undefined {
    if (this.#head !== flow) this.#hasServedHead = false;
    return this.#head = flow;
  }

  /** What a flow will have spent when its next job has run. */
  #bill(flow: Flow): number {
    return flow.spentMs[this.#account]! + flow.first!.costMs;
  }
}

/** Links a flow into a ring before another: before its head, that is the end. */
function linkBefore(head: Flow, flow: Flow): void {
  const tail = head.previous ?? flow;
  flow.next = head;
  flow.previous = tail;
  tail.next = head.previous = flow;
}

function unlink(flow: Flow): void {
  flow.previous!.next = flow.next;
  flow.next!.previous = flow.previous;
}
