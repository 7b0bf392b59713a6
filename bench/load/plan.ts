import type { Histogram } from "../../src/pool/stats/histogram.ts";

/** A request, and the one reply to it that is right; both without their newline. */
export interface Exchange {
  readonly line: string;
  readonly reply: string;
}

/** Clients that do the same. Each goes through its script again and again. */
export type Group = Closed | Open | Churn;

interface Clients {
  readonly connections: number;
  readonly script: readonly Exchange[];
}

/** Clients that keep so many requests under way: the next is sent when a reply has come. */
export interface Closed extends Clients {
  readonly kind: "closed";
  readonly depth: number;
}

/**
 * Clients that together send so many requests a second, whatever becomes of them. How long one takes
 * is counted from when it should have been sent, so that a server that stands still is not spared.
 */
export interface Open extends Clients {
  readonly kind: "open";
  readonly perSecond: number;
}

/** Clients that connect, ask one thing, wait for the reply and leave. */
export interface Churn extends Clients {
  readonly kind: "churn";
}

/** A load: what is sent where, and for how long. */
export interface Plan {
  /** Where the servers are: the clients of a group take turns. */
  readonly ports: readonly number[];
  /** How long it runs before anything counts, in milliseconds. */
  readonly warmMs: number;
  /** How long it counts, in milliseconds. */
  readonly measureMs: number;
  readonly groups: readonly Group[];
}

/** What came of a group. */
export interface GroupResult {
  /** Replies a second, in the time that counts. */
  readonly perSecond: number;
  /** How long requests took that were to be sent in that time, whenever their replies came. */
  readonly latency: Histogram;
}

/** What came of a load. */
export interface LoadResult {
  /** In the order of the plan. */
  readonly groups: readonly GroupResult[];
  /** The share of the time in which the generator itself was at work: near 1, it was the limit. */
  readonly busy: number;
}
