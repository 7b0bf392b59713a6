import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { onAbort } from "../../src/switch/mod.ts";
import { ResourcePool } from "../../src/sync/mod.ts";
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
  | { readonly kind: "use"; readonly lifetime: LifetimeKind; readonly neverBlock: boolean }
  | { readonly kind: "settle"; readonly index: number; readonly outcome: Outcome }
  | { readonly kind: "cancel"; readonly index: number }
  | { readonly kind: "clear" };

/** What becomes of a call that the pool waits for. */
type Outcome = "yes" | "no" | "error";

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("use" as const),
      lifetime: fc.constantFrom(...LIFETIMES),
      neverBlock: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      index: fc.nat(),
      outcome: fc.constantFrom<Outcome[]>("yes", "yes", "yes", "no", "error"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);

/** What happens in one turn of the event loop, and that turn after turn. */
const schedule = fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), {
  minLength: 5,
  maxLength: 40,
  size: "max",
});

Deno.test("ResourcePool lends each resource to one, disposes of it once, and lets nobody wait in vain", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), schedule, async (capacity, turns) => {
      const trial = new Trial(capacity);
      for (const actions of turns) {
        for (const action of actions) trial.act(action);
        await turn();
        trial.check();
      }
      await trial.finish();
    }),
    { numRuns: 1000 },
  );
});

/** A pool, all of whose calls wait until the schedule says what becomes of them. */
class Trial {
  readonly #pool: ResourcePool<Resource>;
  readonly #calls = new Set<Call>();
  readonly #resources: Resource[] = [];
  readonly #users: { readonly lifetime: Lifetime; readonly watched: Watched }[] = [];
  readonly #clears: Watched[] = [];
  /** How many uses that never block have not ended: each may have one resource beyond. */
  #extra = 0;
  readonly #wrongs: string[] = [];

  constructor(capacity: number) {
    this.#pool = new ResourcePool(capacity, (signal) => this.#make(signal), {
      validate: (resource, signal) => this.#validate(resource, signal),
      check: (resource) => this.#ask(resource),
      dispose: (resource) => this.#dispose(resource),
    });
  }

  act(action: Action): void {
    if (action.kind === "use") this.#use(lifetimeOf(action.lifetime), action.neverBlock);
    else if (action.kind === "cancel") pick(this.#users, action.index)?.lifetime.cancel();
    else if (action.kind === "clear") this.#clear();
    else pick([...this.#calls], action.index)?.settle(action.outcome);
  }

  /** What holds after every turn. */
  check(): void {
    const { capacity, busy, idle, waiting } = this.#pool;
    const live = this.#resources.filter(({ state }) => state !== "gone").length;
    assertEquals(this.#wrongs, []);
    assert(busy + idle <= capacity);
    assert(live <= capacity + this.#extra);
    assert(waiting === 0 || busy === capacity, "somebody waits though there is a place");
    assert(this.#resources.filter(({ state }) => state === "idle").length >= idle);
  }

  /** With all calls answered everybody comes to an end, and nothing is left. */
  async finish(): Promise<void> {
    for (let round = 0; round < 2; round++) { // the first ends the users, the second the idle
      this.#clear();
      await this.#settleAll();
    }
    for (const { watched } of this.#users) assert(watched.state !== "open");
    for (const watched of this.#clears) assert(watched.state !== "open");
    for (const { state } of this.#resources) assertEquals(state, "gone");
    assertEquals([this.#pool.busy, this.#pool.idle, this.#pool.waiting, this.#extra], [0, 0, 0, 0]);
    for (const { lifetime } of this.#users) await lifetime.close();
  }

  async #settleAll(): Promise<void> {
    do {
      for (const call of this.#calls) call.settle("yes");
      await turn();
      await turn(); // for who is woken late
      this.check();
    } while (this.#calls.size > 0);
  }

  #use(lifetime: Lifetime, neverBlock: boolean): void {
    if (neverBlock) this.#extra++;
    const used = this.#pool.use((resource) => this.#lend(resource), {
      ...lifetime.options,
      neverBlock,
    });
    const ended = used.finally(() => {
      if (neverBlock) this.#extra--;
    });
    this.#users.push({ lifetime, watched: new Watched(ended) });
  }

  #clear(): void {
    this.#clears.push(new Watched(this.#pool.clear().then(() => "cleared")));
  }

  async #make(signal: AbortSignal): Promise<Resource> {
    const clears = this.#clears.length;
    await this.#call(signal);
    const resource: Resource = { state: "idle", clears };
    this.#resources.push(resource);
    return resource;
  }

  async #lend(resource: Resource): Promise<string> {
    this.#expectIdle("lent", resource);
    resource.state = "lent";
    try {
      await this.#call();
      return "used";
    } finally {
      resource.state = "idle";
    }
  }

  #validate(resource: Resource, signal: AbortSignal): Promise<boolean> {
    if (resource.clears !== this.#clears.length) this.#wrongs.push("used again though cleared");
    return this.#ask(resource, signal);
  }

  async #ask(resource: Resource, signal?: AbortSignal): Promise<boolean> {
    this.#expectIdle("asked about", resource);
    return await this.#call(signal);
  }

  async #dispose(resource: Resource): Promise<void> {
    this.#expectIdle("disposed of", resource);
    resource.state = "ending";
    try {
      await this.#call();
    } finally {
      resource.state = "gone";
    }
  }

  /** Notes a wrong, to be found by `check`: thrown here it would be the error of a user. */
  #expectIdle(action: string, { state }: Resource): void {
    if (state !== "idle") this.#wrongs.push(`${action} while ${state}`);
  }

  /** A call that the pool waits for, until the schedule or its signal ends it. */
  async #call(signal?: AbortSignal): Promise<boolean> {
    const call = new Call();
    this.#calls.add(call);
    const abort = signal && onAbort(signal, (reason) => call.reject(reason));
    try {
      return await call.promise;
    } finally {
      abort?.remove();
      this.#calls.delete(call);
    }
  }
}

interface Resource {
  /** How often the pool had been cleared when it was made. */
  readonly clears: number;
  state: "idle" | "lent" | "ending" | "gone";
}

class Call {
  readonly #settler = Promise.withResolvers<boolean>();
  readonly promise: Promise<boolean> = this.#settler.promise;

  settle(outcome: Outcome): void {
    if (outcome === "error") this.#settler.reject(new Error("refused"));
    else this.#settler.resolve(outcome === "yes");
  }

  reject(reason: unknown): void {
    this.#settler.reject(reason);
  }
}
