import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Channel, select } from "../../src/sync/mod.ts";
import { turn } from "../switch/helpers.ts";
import { ChannelModel, type ModelCase, Operation } from "./channel_model.ts";
import {
  type Lifetime,
  type LifetimeKind,
  lifetimeOf,
  LIFETIMES,
  pick,
  Watched,
} from "./lifetimes.ts";

type Kind = "alone" | "try" | "choice";

/** What a schedule is made of. */
type Action =
  | { readonly kind: Kind; readonly cases: readonly Draft[]; readonly lifetime: LifetimeKind }
  | { readonly kind: "cancel"; readonly index: number }
  | { readonly kind: "close"; readonly index: number; readonly fails: boolean };

type Draft = Pick<ModelCase, "channel" | "side">;

const draft = fc.record({
  channel: fc.constantFrom(0, 1),
  side: fc.constantFrom("put" as const, "take" as const),
});
const lifetime = fc.constantFrom(...LIFETIMES);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      kind: fc.constantFrom("alone" as const, "alone" as const, "try" as const),
      cases: fc.array(draft, { minLength: 1, maxLength: 1 }),
      lifetime,
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constant("choice" as const),
      cases: fc.array(draft, { minLength: 1, maxLength: 4 }),
      lifetime,
    }),
  },
  { weight: 15, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("close" as const),
      index: fc.nat(),
      fails: fc.boolean(),
    }),
  },
);

/** What happens in one turn of the event loop, and that turn after turn. */
const schedule = fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), {
  minLength: 5,
  maxLength: 30,
  size: "max",
});

const capacity = fc.integer({ min: 0, max: 3 });

Deno.test("Channel and select() do what the model does, whoever is cancelled or closed when", async () => {
  const capacities = fc.tuple(capacity, capacity);
  await fc.assert(
    fc.asyncProperty(capacities, schedule, async (capacities, turns) => {
      const trial = new Trial(capacities);
      for (const actions of turns) {
        for (const action of actions) trial.act(action);
        await trial.compare();
      }
      await trial.finish();
    }),
    { numRuns: 1000 },
  );
});

/** Channels and their model, side by side. */
class Trial {
  readonly #channels: readonly Channel<number>[];
  readonly #model: ChannelModel;
  readonly #clients: Client[] = [];
  #lastItem = 0;

  constructor(capacities: readonly number[]) {
    this.#channels = capacities.map((capacity) => new Channel<number>(capacity));
    this.#model = new ChannelModel(capacities);
  }

  act(action: Action): void {
    if (action.kind === "cancel") this.#cancel(pick(this.#clients, action.index));
    else if (action.kind === "close") this.#close(action.index % 2, action.fails);
    else this.#start(action.kind, action.cases, action.lifetime);
    this.#check();
  }

  /** Lets all go on that can, and holds each to what the model says of it. */
  async compare(): Promise<void> {
    await turn();
    const states = this.#clients.map(({ watched }) => watched.state);
    assertEquals(states, this.#clients.map(({ operation }) => operation.state));
  }

  /** Everybody can be made to end: by taking what is there, and closing. */
  async finish(): Promise<void> {
    for (const channel of [0, 1]) this.#close(channel, false);
    while (this.#channels.some(({ length }) => length > 0)) {
      const channel = this.#channels.findIndex(({ length }) => length > 0);
      this.#start("alone", [{ channel, side: "take" }], "endless");
    }
    await this.compare();
    this.#check();
    for (const { lifetime, watched } of this.#clients) {
      await lifetime.close();
      assert(watched.state !== "open");
    }
  }

  #start(kind: Kind, drafts: readonly Draft[], lifetime: LifetimeKind): void {
    const cases = drafts.map((draft) => ({ ...draft, item: ++this.#lastItem }));
    const client = new Client(new Operation(cases), lifetimeOf(lifetime), this.#channels, kind);
    this.#model.start(client.operation, kind);
    this.#clients.push(client);
  }

  #cancel(client: Client | undefined): void {
    if (client === undefined || !client.lifetime.canCancel) return;
    client.lifetime.cancel();
    this.#model.cancel(client.operation);
  }

  #close(channel: number, fails: boolean): void {
    this.#channels[channel]!.close(fails ? new Error("the source failed") : undefined);
    this.#model.close(channel);
  }

  /** What holds in the middle of a turn: the gauges, and that nobody waits who could go on. */
  #check(): void {
    for (const [i, channel] of this.#channels.entries()) {
      const { length, capacity, waitingToPut, waitingToTake } = channel;
      assertEquals([length, waitingToPut, waitingToTake], this.#model.gauges(i));
      assert(waitingToTake === 0 || length === 0);
      assert(waitingToPut === 0 || length === capacity);
      assert(!channel.isClosed || waitingToPut + waitingToTake === 0);
    }
  }
}

/** Somebody who puts, takes or chooses. */
class Client {
  readonly watched: Watched;

  constructor(
    readonly operation: Operation,
    readonly lifetime: Lifetime,
    channels: readonly Channel<number>[],
    kind: Kind,
  ) {
    const cases = operation.cases.map((each) => ({ ...each, target: channels[each.channel]! }));
    this.watched = new Watched(this.#run(kind, cases));
  }

  async #run(kind: Kind, cases: readonly RealCase[]): Promise<string> {
    const { options } = this.lifetime;
    if (kind === "choice") return await select(cases.map(caseOf), options);
    const [{ side, target, item }] = cases as [RealCase];
    if (kind === "try") return side === "put" ? tryPut(target, item) : tryTake(target);
    if (side === "take") return `took ${await target.take(options)}`;
    await target.put(item, options);
    return `put ${item}`;
  }
}

interface RealCase extends ModelCase {
  readonly target: Channel<number>;
}

function caseOf({ side, target, item }: RealCase) {
  return side === "put"
    ? target.putCase(item, () => `put ${item}`)
    : target.takeCase((item) => `took ${item}`);
}

function tryPut(channel: Channel<number>, item: number): string {
  return channel.tryPut(item) ? `put ${item}` : "refused";
}

function tryTake(channel: Channel<number>): string {
  const taken = channel.tryTake();
  return taken === undefined ? "refused" : `took ${taken.value}`;
}
