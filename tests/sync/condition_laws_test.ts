import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Condition } from "../../src/sync/mod.ts";
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
  | { readonly kind: "wait"; readonly lifetime: LifetimeKind }
  | { readonly kind: "cancel"; readonly index: number }
  | { readonly kind: "signal" | "broadcast" | "fail" };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      lifetime: fc.constantFrom(
        ...LIFETIMES.filter((kind) => kind !== "late"),
      ), /* the order of waking is tested */
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "signal" as const,
        "signal" as const,
        "broadcast" as const,
        "fail" as const,
      ),
    }),
  },
);

/** What happens in one turn of the event loop, and that turn after turn. */
const schedule = fc.array(fc.array(action, { minLength: 1, maxLength: 6 }), {
  minLength: 3,
  maxLength: 20,
  size: "max",
});

Deno.test("Condition wakes who waits, once, in line, with its value, whoever is cancelled when", async () => {
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

/** A condition, and those who should be waiting for it. */
class Trial {
  readonly #condition = new Condition<number>();
  readonly #clients: Client[] = [];
  #line: Client[] = [];
  #news = 0;
  /** The clients in the order in which they were woken, and in which they should have been. */
  readonly #woken: Client[] = [];
  readonly #expected: Client[] = [];

  act(action: Action): void {
    if (action.kind === "wait") this.#wait(lifetimeOf(action.lifetime));
    else if (action.kind === "cancel") this.#cancel(pick(this.#clients, action.index));
    else this.#tell(action.kind);
    assertEquals(this.#condition.waiting, this.#line.length);
  }

  /** Lets all go on that can, and holds each to what it should have come to. */
  async compare(): Promise<void> {
    await turn();
    for (const { watched, expected } of this.#clients) assertEquals(watched.state, expected);
    assertEquals(
      this.#woken.map(indexIn(this.#clients)),
      this.#expected.map(indexIn(this.#clients)),
    );
  }

  async finish(): Promise<void> {
    this.act({ kind: "broadcast" });
    await this.compare();
    for (const { lifetime } of this.#clients) await lifetime.close();
  }

  #wait(lifetime: Lifetime): void {
    const client: Client = {
      lifetime,
      expected: "open",
      watched: new Watched(
        this.#condition.wait(lifetime.options).then((news) => {
          this.#woken.push(client);
          return `news ${news}`;
        }),
      ),
    };
    this.#clients.push(client);
    this.#line.push(client);
  }

  #tell(kind: "signal" | "broadcast" | "fail"): void {
    const woken = this.#line.splice(0, kind === "signal" ? 1 : Infinity);
    const news = ++this.#news;
    if (kind === "fail") assertEquals(this.#condition.fail(new Error("E")), woken.length);
    else if (kind === "signal") assertEquals(this.#condition.signal(news), woken.length === 1);
    else assertEquals(this.#condition.broadcast(news), woken.length);
    for (const client of woken) client.expected = kind === "fail" ? "failed" : `news ${news}`;
    if (kind !== "fail") this.#expected.push(...woken);
  }

  #cancel(client: Client | undefined): void {
    if (client === undefined || !client.lifetime.canCancel) return;
    client.lifetime.cancel();
    if (!this.#line.includes(client)) return;
    this.#line = this.#line.filter((other) => other !== client);
    client.expected = "cancelled";
  }
}

/** Somebody who waits. */
interface Client {
  readonly lifetime: Lifetime;
  readonly watched: Watched;
  expected: string;
}

function indexIn<T>(items: readonly T[]): (item: T) => number {
  return (item) => items.indexOf(item);
}
