import { Client } from "./client.ts";
import type { Group } from "./plan.ts";
import { Script } from "./script.ts";
import type { Tally } from "./tally.ts";

/** The clients of a group, and what they do when. */
export interface Crowd {
  readonly clients: readonly Client[];
  /** Sends what is sent at the start. */
  begin(nowMs: number): void;
  /** When there is something to send though no reply has come. */
  readonly dueMs: number;
  /** Sends what is due by now. */
  sendDue(nowMs: number): void;
  /** So many replies have come to a client. Returns whether it has connected anew. */
  onReplies(client: Client, replies: number, nowMs: number): boolean;
}

/** Connects the clients of a group. */
export function crowdOf(group: Group, ports: readonly number[], tally: Tally): Crowd {
  const script = new Script(group.script);
  const clients = Array.from({ length: group.connections }, (_, i) => {
    return new Client(ports[i % ports.length]!, script, tally);
  });
  switch (group.kind) {
    case "closed":
      return new ClosedCrowd(clients, group.depth);
    case "open":
      return new OpenCrowd(clients, 1000 / group.perSecond);
    case "churn":
      return new ChurnCrowd(clients);
  }
}

class ClosedCrowd implements Crowd {
  readonly clients: readonly Client[];
  readonly dueMs = Infinity;
  readonly #depth: number;

  constructor(clients: readonly Client[], depth: number) {
    this.clients = clients;
    this.#depth = depth;
  }

  begin(nowMs: number): void {
    for (const client of this.clients) client.send(this.#depth, nowMs);
  }

  sendDue(): void {}

  onReplies(client: Client, replies: number, nowMs: number): boolean {
    client.send(replies, nowMs);
    return false;
  }
}

class OpenCrowd implements Crowd {
  readonly clients: readonly Client[];
  readonly #everyMs: number;
  #dueMs = 0;
  #turn = 0;

  constructor(clients: readonly Client[], everyMs: number) {
    this.clients = clients;
    this.#everyMs = everyMs;
  }

  get dueMs(): number {
    return this.#dueMs;
  }

  begin(nowMs: number): void {
    this.#dueMs = nowMs;
  }

  sendDue(nowMs: number): void {
    for (; this.#dueMs <= nowMs; this.#dueMs += this.#everyMs) {
      this.clients[this.#turn++ % this.clients.length]!.send(1, this.#dueMs);
    }
  }

  onReplies(): boolean {
    return false;
  }
}

class ChurnCrowd implements Crowd {
  readonly clients: readonly Client[];
  readonly dueMs = Infinity;
  #visits = 0;

  constructor(clients: readonly Client[]) {
    this.clients = clients;
  }

  begin(nowMs: number): void {
    for (const client of this.clients) client.send(1, nowMs);
  }

  sendDue(): void {}

  onReplies(client: Client, _replies: number, nowMs: number): boolean {
    client.reconnect(this.#visits++);
    client.send(1, nowMs);
    return true;
  }
}
