import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Guard, Mutex } from "../../src/sync/mod.ts";
import { turn } from "../switch/helpers.ts";
import {
  type Lifetime,
  type LifetimeKind,
  lifetimeOf,
  LIFETIMES,
  pick,
  Watched,
} from "./lifetimes.ts";

type Action =
  | { readonly kind: "lock" | "tryLock"; readonly lifetime: LifetimeKind }
  | { readonly kind: "unlock" }
  | { readonly kind: "lockAgain" | "cancel"; readonly index: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("lock" as const, "lock" as const, "tryLock" as const),
      lifetime: fc.constantFrom(...LIFETIMES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unlock" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("lockAgain" as const, "cancel" as const),
      index: fc.nat(),
    }),
  },
);

/** What happens in one turn of the event loop, and that turn after turn. */
const schedule = fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), {
  minLength: 5,
  maxLength: 30,
  size: "max",
});

Deno.test("Mutex hands its lock on in line and to one at a time, whoever is cancelled when", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (turns) => {
      const trial = new Trial();
      for (const actions of turns) {
        for (const action of actions) trial.act(action);
        await trial.compare();
      }
      await trial.finish();
    }),
    { numRuns: 1000 },
  );
});

/** A mutex, and what it should do: the one who holds the lock, and a line. */
class Trial {
  readonly #mutex = new Mutex();
  readonly #clients: Client[] = [];
  #holder: Client | undefined;
  #line: Client[] = [];

  act(action: Action): void {
    if (action.kind === "unlock") this.#unlock();
    else if ("lifetime" in action) this.#start(action.kind, lifetimeOf(action.lifetime));
    else if (action.kind === "cancel") this.#cancel(pick(this.#clients, action.index));
    else this.#lockAgain(pick(this.#clients, action.index));
    assertEquals(this.#mutex.waiting, this.#line.length);
    assertEquals(this.#mutex.isLocked, this.#holder !== undefined);
  }

  /** Lets all go on that can, and holds each to what it should have come to. */
  async compare(): Promise<void> {
    await turn();
    for (const client of this.#clients) {
      assertEquals(client.watched.state, client.expected);
      if (client.guard !== undefined) assertEquals(client.guard.isHeld, client === this.#holder);
    }
  }

  async finish(): Promise<void> {
    while (this.#holder !== undefined) {
      this.#unlock();
      await this.compare();
    }
    assertEquals([this.#line.length, this.#mutex.waiting, this.#mutex.isLocked], [0, 0, false]);
    for (const { lifetime } of this.#clients) await lifetime.close();
  }

  #start(kind: "lock" | "tryLock", lifetime: Lifetime): void {
    const client = new Client(this.#mutex, lifetime);
    this.#clients.push(client);
    client[kind]();
    if (this.#holder === undefined) this.#admit(client);
    else if (kind === "tryLock") client.expected = "refused";
    else this.#wait(client);
  }

  #lockAgain(client: Client | undefined): void {
    if (client?.guard === undefined || client.expected === "open" || client === this.#holder) {
      return;
    }
    client.lockAgain();
    if (this.#holder === undefined) this.#admit(client);
    else this.#wait(client);
  }

  /** Only one who has been told that it holds the lock can let it go. */
  #unlock(): void {
    const holder = this.#holder;
    if (holder?.guard === undefined || holder.watched.state !== "held") return;
    holder.guard.unlock();
    this.#holder = undefined;
    const next = this.#line.shift();
    if (next !== undefined) this.#admit(next);
  }

  #admit(client: Client): void {
    this.#holder = client;
    client.expected = "held";
  }

  #wait(client: Client): void {
    if (!client.isCancelled) this.#line.push(client);
    client.expected = client.isCancelled ? "cancelled" : "open";
  }

  #cancel(client: Client | undefined): void {
    if (client === undefined || !client.lifetime.canCancel) return;
    client.lifetime.cancel();
    client.isCancelled = true;
    if (!this.#line.includes(client)) return;
    this.#line = this.#line.filter((other) => other !== client);
    client.expected = "cancelled";
  }
}

/** Somebody who wants the lock. */
class Client {
  expected = "open";
  isCancelled = false;
  guard: Guard | undefined;
  watched: Watched = new Watched(Promise.resolve("new"));

  constructor(readonly mutex: Mutex, readonly lifetime: Lifetime) {}

  lock(): void {
    this.#watch(this.mutex.lock(this.lifetime.options).then((guard) => this.#take(guard)));
  }

  tryLock(): void {
    const guard = this.mutex.tryLock();
    this.#watch(Promise.resolve(guard === undefined ? "refused" : this.#take(guard)));
  }

  lockAgain(): void {
    assert(this.guard !== undefined);
    this.#watch(this.guard.lock(this.lifetime.options).then(() => "held"));
  }

  #take(guard: Guard): string {
    this.guard = guard;
    return "held";
  }

  #watch(promise: Promise<string>): void {
    this.watched = new Watched(promise);
  }
}
