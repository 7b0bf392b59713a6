import type { Client } from "./client.ts";
import { type Crowd, crowdOf } from "./crowd.ts";
import { Poller, sleepExactly } from "./libc.ts";
import type { LoadResult, Plan } from "./plan.ts";
import { Tally } from "./tally.ts";

/** A server that answers nothing for so long will not answer, in milliseconds. */
const PATIENCE_MS = 20_000;

/** How long the load goes on for those that count and have no reply yet, in milliseconds. */
const TAIL_MS = 3_000;

/**
 * Puts a load on a server and says what came of it. It blocks its thread until the last reply has
 * come. It sends on until all requests that count have their replies, or for three seconds, so that
 * the last of them are not better off than the first. It throws where a reply is wrong, missing or
 * out of its order.
 */
export function runPlan(plan: Plan): LoadResult {
  sleepExactly();
  const tallies = plan.groups.map(() => new Tally());
  const crowds = plan.groups.map((group, i) => crowdOf(group, plan.ports, tallies[i]!));
  using loop = new Loop(crowds);
  loop.begin();
  // Behind the first requests, however long they took: what counts is due at its rate from the start.
  const fromMs = performance.now() + plan.warmMs;
  const toMs = fromMs + plan.measureMs;
  for (const tally of tallies) tally.setWindow(fromMs, toMs);
  loop.runUntil(() => performance.now() >= fromMs, fromMs);
  const idleMs = loop.idleMs;
  loop.runUntil(() => performance.now() >= toMs, toMs);
  const busy = 1 - (loop.idleMs - idleMs) / plan.measureMs;
  loop.runUntil(() => loop.oldestMs >= toMs || performance.now() >= toMs + TAIL_MS);
  loop.isSending = false;
  loop.runUntil(() => loop.oldestMs === Infinity);
  return { groups: tallies.map((tally) => tally.result()), busy };
}

/** A client, and the crowd that it belongs to. */
interface Member {
  readonly client: Client;
  readonly crowd: Crowd;
}

/** Waits for replies and for what is due, and lets the crowds do what they do then. */
class Loop {
  /** Whether more is sent. */
  isSending = true;
  /** How long it has waited, in milliseconds. */
  idleMs = 0;
  readonly #crowds: readonly Crowd[];
  readonly #members: readonly Member[];
  readonly #poller: Poller;

  constructor(crowds: readonly Crowd[]) {
    this.#crowds = crowds;
    this.#members = crowds.flatMap((crowd) => crowd.clients.map((client) => ({ client, crowd })));
    this.#poller = new Poller(this.#members.length);
    this.#members.forEach(({ client }, token) => this.#poller.add(client.fd, token));
  }

  /** When the oldest request is or was due that has no reply: for ever where nothing is. */
  get oldestMs(): number {
    return Math.min(this.#dueMs(), ...this.#members.map(({ client }) => client.oldestMs));
  }

  begin(): void {
    for (const crowd of this.#crowds) crowd.begin(performance.now());
  }

  /** Goes on until `isOver`, which is asked again at `endMs` at the latest. */
  runUntil(isOver: () => boolean, endMs = Infinity): void {
    while (!isOver()) this.#turn(endMs);
  }

  #turn(endMs: number): void {
    const startMs = performance.now();
    const dueMs = this.#dueMs();
    const waitMs = Math.min(dueMs, endMs, startMs + PATIENCE_MS) - startMs;
    const ready = this.#poller.wait(waitMs);
    const nowMs = performance.now();
    this.idleMs += nowMs - startMs;
    if (ready === 0 && waitMs >= PATIENCE_MS) throw new Error("Cannot measure: no reply came");
    for (let i = 0; i < ready; i++) this.#receive(this.#poller.token(i));
    if (dueMs <= nowMs) this.#sendDue(nowMs);
  }

  #sendDue(nowMs: number): void {
    for (const crowd of this.#crowds) crowd.sendDue(nowMs);
  }

  #dueMs(): number {
    if (!this.isSending) return Infinity;
    let dueMs = Infinity;
    for (const crowd of this.#crowds) dueMs = Math.min(dueMs, crowd.dueMs);
    return dueMs;
  }

  #receive(token: number): void {
    const { client, crowd } = this.#members[token]!;
    const replies = client.receive();
    if (!this.isSending || replies === 0) return;
    const isNew = crowd.onReplies(client, replies, performance.now());
    if (isNew) this.#poller.add(client.fd, token);
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#members) client[Symbol.dispose]();
    this.#poller[Symbol.dispose]();
  }
}
