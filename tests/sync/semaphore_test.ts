import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Cancelled, Switch } from "../../src/switch/mod.ts";
import { type Permit, Semaphore } from "../../src/sync/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf, turn } from "../switch/helpers.ts";

Deno.test("Semaphore lets so many in, and the others in the order in which they came", async () => {
  const semaphore = new Semaphore(2);
  const log: string[] = [];
  const work = async (name: string) => {
    using _permit = await semaphore.acquire();
    log.push(`${name} in`);
    await turn();
    log.push(`${name} out`);
  };
  await Switch.run((sw) => {
    for (const name of ["a", "b", "c", "d"]) sw.fork(() => work(name));
    assertEquals([semaphore.available, semaphore.waiting], [0, 2]);
  });
  assertEquals(log, ["a in", "b in", "a out", "c in", "b out", "d in", "c out", "d out"]);
  assertEquals([semaphore.available, semaphore.waiting], [2, 0]);
});

Deno.test("Semaphore hands a released permit straight to the longest waiter", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const waiting = semaphore.acquire();
  held.release();
  assertEquals([semaphore.available, semaphore.waiting], [0, 0]);
  assertEquals(semaphore.tryAcquire(), undefined);
  (await waiting).release();
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore gives the permit of a waiter that was cancelled to the next", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const controller = new AbortController();
  const b = semaphore.acquire({ signal: controller.signal });
  const c = semaphore.acquire();
  controller.abort("left");
  await assertRejects(() => b, Cancelled, "Cancelled: left");
  held.release();
  (await c).release();
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore.acquire() that has a permit is not cancelled any more", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const controller = new AbortController();
  const waiting = semaphore.acquire({ signal: controller.signal });
  held.release();
  controller.abort();
  (await waiting).release();
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore.acquire() leaves no listener on a signal, whether admitted or cancelled", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const { controller, signal, listeners } = countedSignal();
  const admitted = semaphore.acquire({ signal });
  const cancelled = semaphore.acquire({ signal });
  assertEquals(listeners.size, 2);
  held.release();
  await admitted;
  assertEquals(listeners.size, 1);
  controller.abort();
  await assertRejects(() => cancelled, Cancelled);
  assertEquals(listeners.size, 0);
});

Deno.test("Semaphore.acquire() takes a free permit in a cancelled switch, but does not wait", async () => {
  const semaphore = new Semaphore(1);
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const { signal } = sw;
    using _permit = await semaphore.acquire({ signal });
    assertStrictEquals(await rejectionOf(semaphore.acquire({ signal })), sw.error);
    assertEquals(semaphore.waiting, 0);
  }));
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore.acquire() gives up when its switch is cancelled", async () => {
  const semaphore = new Semaphore(0);
  const run = Switch.run((sw) => {
    sw.fork(async (signal) => void await semaphore.acquire({ signal }));
    sw.fail(new Error("E"));
  });
  await assertFails(run, "E");
  assertEquals(semaphore.waiting, 0);
});

Deno.test("a permit that a cancel callback releases goes to a waiter, and is not lost", async () => {
  const semaphore = new Semaphore(1);
  let handed: Permit | undefined;
  await rejectionOf(Switch.run(async (sw) => {
    const held = await semaphore.acquire();
    sw.onCancel(() => held.release());
    sw.fork(async (signal) => {
      handed = await semaphore.acquire({ signal });
    });
    sw.fail(new Error("E"));
  }));
  assert(handed !== undefined);
  assertEquals(semaphore.available, 0);
  handed.release();
  assertEquals(semaphore.available, 1);
});

Deno.test("Permit.release() a second time does nothing", async () => {
  const semaphore = new Semaphore(1);
  const permit = await semaphore.acquire();
  permit.release();
  permit.release();
  permit[Symbol.dispose]();
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore.tryAcquire() takes a free permit or none", () => {
  const semaphore = new Semaphore(1);
  const permit = semaphore.tryAcquire();
  assertEquals(semaphore.tryAcquire(), undefined);
  permit?.release();
  assertEquals(semaphore.available, 1);
});

Deno.test("Semaphore of no permit lets nobody in", async () => {
  const controller = new AbortController();
  const waiting = new Semaphore(0).acquire({ signal: controller.signal });
  assertEquals(await stateOf(waiting), "open");
  controller.abort();
  await assertRejects(() => waiting, Cancelled);
});

Deno.test("Semaphore() refuses what is no number of permits", () => {
  for (const permits of [-1, 0.5, NaN, Infinity]) {
    assertThrows(() => new Semaphore(permits), RangeError, `got ${permits}`);
  }
});

Deno.test("Semaphore neither loses nor duplicates a permit, whoever is cancelled when", async () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constantFrom("acquire", "acquireInSwitch") }),
    fc.record({ kind: fc.constantFrom("release", "releaseTwice", "cancel"), index: fc.nat() }),
    fc.record({ kind: fc.constantFrom("turn", "releaseThenCancel", "cancelThenRelease") }),
  );
  const schedules = fc.array(action, { minLength: 10, maxLength: 60, size: "max" });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 3 }), schedules, async (permits, actions) => {
      const semaphore = new Semaphore(permits);
      const model = new SemaphoreModel(semaphore, permits);
      for (const { kind, index = 0 } of actions as { kind: string; index?: number }[]) {
        await model.act(kind, index);
      }
      await model.finish();
    }),
    { numRuns: 500 },
  );
});

/** What the semaphore should do: an array of holders and an array of those who wait in line. */
class SemaphoreModel {
  #clients: Client[] = [];
  #holders: Client[] = [];
  #line: Client[] = [];

  constructor(readonly semaphore: Semaphore, readonly permits: number) {}

  async act(kind: string, index: number): Promise<void> {
    if (kind === "acquire") this.#acquire(new ForeignClient(this.semaphore));
    if (kind === "acquireInSwitch") this.#acquire(new SwitchClient(this.semaphore));
    if (kind === "release" || kind === "releaseTwice") {
      await this.#release(pick(this.#holders, index));
    }
    if (kind === "releaseTwice") (await pick(this.#clients, index)?.released)?.release();
    if (kind === "cancel") this.#cancel(pick(this.#clients, index));
    if (kind === "turn") await turn();
    if (kind === "releaseThenCancel" || kind === "cancelThenRelease") await this.#race(kind);
    assertEquals(this.semaphore.available, this.permits - this.#holders.length);
    assertEquals(this.semaphore.waiting, this.#line.length);
  }

  async finish(): Promise<void> {
    for (const client of [...this.#line]) this.#cancel(client);
    while (this.#holders.length > 0) await this.#release(this.#holders[0]);
    for (const client of this.#clients) await client.close();
    assertEquals([this.semaphore.available, this.semaphore.waiting], [this.permits, 0]);
  }

  #acquire(client: Client): void {
    this.#clients.push(client);
    client.start();
    (this.#holders.length < this.permits ? this.#holders : this.#line).push(client);
  }

  async #release(client: Client | undefined): Promise<void> {
    if (client === undefined) return;
    const permit = await client.permit();
    this.#let(client, permit);
  }

  #let(client: Client, permit: Permit): void {
    client.released = Promise.resolve(permit);
    permit.release();
    this.#holders.splice(this.#holders.indexOf(client), 1);
    const next = this.#line.shift();
    if (next !== undefined) this.#holders.push(next);
  }

  #cancel(client: Client | undefined): void {
    if (client === undefined) return;
    client.cancel();
    const place = this.#line.indexOf(client);
    if (place < 0) return;
    this.#line.splice(place, 1);
    client.hasGivenUp = true;
  }

  /** A release and the cancellation of the one who is next in line, with no turn between. */
  async #race(kind: "releaseThenCancel" | "cancelThenRelease"): Promise<void> {
    const [holder] = this.#holders;
    const [next] = this.#line;
    if (holder === undefined) return;
    const permit = await holder.permit();
    if (kind === "cancelThenRelease") this.#cancel(next);
    this.#let(holder, permit);
    if (kind === "releaseThenCancel") this.#cancel(next);
  }
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % items.length];
}

/** Somebody who wants a permit, and who can be cancelled. */
abstract class Client {
  hasGivenUp = false;
  released: Promise<Permit> | undefined;
  protected result: Promise<Permit> | undefined;

  constructor(protected readonly semaphore: Semaphore) {}

  abstract start(): void;
  abstract cancel(): void;

  /** The permit, which the model says that the client has. */
  permit(): Promise<Permit> {
    assert(this.result !== undefined);
    return this.result;
  }

  /** Holds the client to what the model says of it. */
  async close(): Promise<void> {
    assert(this.result !== undefined);
    if (this.hasGivenUp) await assertRejects(() => this.permit(), Cancelled);
    else await this.result;
  }
}

class ForeignClient extends Client {
  readonly #controller = new AbortController();

  start(): void {
    this.result = this.semaphore.acquire({ signal: this.#controller.signal });
    this.result.catch(() => {});
  }

  cancel(): void {
    this.#controller.abort();
  }
}

class SwitchClient extends Client {
  #sw: Switch | undefined;
  readonly #isClosed = Promise.withResolvers<void>();
  #run: Promise<unknown> | undefined;

  start(): void {
    this.#run = Switch.run((sw) => {
      this.#sw = sw;
      this.result = this.semaphore.acquire({ signal: sw.signal });
      this.result.catch(() => {});
      return this.#isClosed.promise;
    });
    this.#run.catch(() => {});
  }

  cancel(): void {
    this.#sw?.fail(new Error("cancelled"));
  }

  override async close(): Promise<void> {
    this.#isClosed.resolve();
    await this.#run?.catch(() => {});
    await super.close();
  }
}
