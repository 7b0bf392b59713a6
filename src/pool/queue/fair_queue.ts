import { FairRing } from "./fair_ring.ts";
import type { Flow } from "./flow.ts";
import { WEIGHTS } from "./priority.ts";

/**
 * Flows that wait for one kind of work. The priorities share its time by their weights, and the flows
 * of one priority share theirs equally. A priority that was absent has no claim on the time before.
 */
export class FairQueue {
  readonly #rings: readonly FairRing[];
  /** What each priority was given, less by its weight: who was given least is next. */
  readonly #spentMs: number[] = WEIGHTS.map(() => 0);
  #nowMs = 0;

  /** A queue that charges what its flows are given to this account of theirs. */
  constructor(account: number) {
    this.#rings = WEIGHTS.map(() => new FairRing(account));
  }

  /** How many flows wait. */
  get size(): number {
    let size = 0;
    for (const ring of this.#rings) size += ring.size;
    return size;
  }

  /** Adds a flow. */
  add(flow: Flow): void {
    const { rank } = flow;
    const ring = this.#rings[rank]!;
    if (ring.size === 0) this.#spentMs[rank] = Math.max(this.#spentMs[rank]!, this.#nowMs);
    ring.add(flow);
  }

  /** Takes a flow out. It must be in this queue. */
  remove(flow: Flow): void {
    this.#rings[flow.rank]!.remove(flow);
  }

  /** The flow whose turn it is. */
  get next(): Flow | undefined {
    let next: FairRing | undefined;
    let leastMs = Infinity;
    for (let rank = 0; rank < this.#rings.length; rank++) {
      const ring = this.#rings[rank]!;
      if (ring.size === 0 || this.#spentMs[rank]! >= leastMs) continue;
      next = ring;
      leastMs = this.#spentMs[rank]!;
    }
    return next?.next;
  }

  /** Counts work that the flow whose turn it was has been given. */
  charge(flow: Flow, ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, this.#spentMs[flow.rank]!);
    this.correct(flow, ms);
  }

  /** Counts more, or less, once it is known what the work took. */
  correct(flow: Flow, ms: number): void {
    const { rank } = flow;
    this.#rings[rank]!.charge(flow, ms);
    this.#spentMs[rank]! += ms / WEIGHTS[rank]!;
  }

  /** The flows, priority by priority. The queue must not change meanwhile. */
  *[Symbol.iterator](): Generator<Flow> {
    for (const ring of this.#rings) yield* ring;
  }
}
