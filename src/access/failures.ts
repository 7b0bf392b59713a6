import type { Address, Clock } from "../env/mod.ts";

/** The delay after a first failure, in milliseconds; each further one doubles it, up to the last. */
const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 16_000;

/** After so long without a failure a peer is as good as new, in milliseconds. */
const FORGET_MS = 600_000;

/** Options for {@linkcode Failures}. */
export interface FailuresOptions {
  /** Tells when a failure is forgotten. */
  readonly clock: Pick<Clock, "monotonic">;

  /**
   * How many peers are remembered; the one whose last failure is longest ago goes first.
   *
   * @default {4096}
   */
  readonly maxPeers?: number;
}

/**
 * Remembers who has failed to say who they are, in bounded memory, and how long each must wait for
 * the answer: the longer, the more often it has failed, over all of its connections.
 */
export class Failures {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #maxPeers: number;
  /** By peer, the one whose last failure is longest ago first. */
  readonly #peers = new Map<string, { count: number; atMs: number }>();
  #total = 0;

  /** Make a memory of no failure. */
  constructor({ clock, maxPeers = 4096 }: FailuresOptions) {
    this.#clock = clock;
    this.#maxPeers = maxPeers;
  }

  /** How many failures there have been. */
  get total(): number {
    return this.#total;
  }

  /** How many peers are remembered. */
  get peers(): number {
    return this.#peers.size;
  }

  /** Counts a failure of `peer`, and tells how long its answer is to wait, in milliseconds. */
  add(peer: string): number {
    const atMs = this.#clock.monotonic();
    this.#forget(atMs);
    const count = (this.#peers.get(peer)?.count ?? 0) + 1;
    this.#peers.delete(peer);
    this.#peers.set(peer, { count, atMs });
    this.#total++;
    return Math.min(FIRST_DELAY_MS * 2 ** (count - 1), LAST_DELAY_MS);
  }

  #forget(nowMs: number): void {
    for (const [peer, { atMs }] of this.#peers) {
      if (nowMs - atMs < FORGET_MS && this.#peers.size < this.#maxPeers) return;
      this.#peers.delete(peer);
    }
  }
}

/**
 * Whom a connection from `address` counts as: its IPv4 address, the network of its IPv6 address (64
 * bits, as one customer has all of them), or all who come by one Unix socket.
 */
export function peerOf(address: Address): string {
  if (address.transport === "unix") return `unix:${address.path}`;
  const hostname = address.hostname.replace(/^::ffff:(?=[\d.]+$)/, "");
  return hostname.includes(":") ? networkOf(hostname) : hostname;
}

function networkOf(ipv6: string): string {
  const [head = "", tail] = ipv6.replace(/%.*$/, "").split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  return `${[...left, ...Array<string>(zeros).fill("0"), ...right].slice(0, 4).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
