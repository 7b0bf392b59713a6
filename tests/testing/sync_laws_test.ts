import { assert, assertEquals } from "@std/assert";
import { Cancelled, Fiber, type Switch } from "../../src/switch/mod.ts";
import { Channel, Condition, Mutex, ResourcePool, select, Semaphore } from "../../src/sync/mod.ts";
import { explore, type TestScope } from "../../src/testing/mod.ts";

const SCHEDULES = { schedules: 300 };

/** Somebody whose work may be cancelled, and the result: `undefined` where it was. */
type Client<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Runs clients side by side, each in a switch of its own, some of which are cancelled at a moment
 * that the schedule chooses. Returns what those returned that were not.
 */
async function runClients<T>({ sw, env, pause }: TestScope, clients: Client<T>[]): Promise<T[]> {
  const results: T[] = [];
  await sw.run((sw) => {
    for (const client of clients) {
      const pauses = env.random.next() < 0.5 ? Math.floor(env.random.next() * 8) : Infinity;
      sw.fork(() => runClient(sw, client, pauses, pause).then((done) => results.push(...done)));
    }
  });
  return results;
}

async function runClient<T>(
  sw: Switch,
  client: Client<T>,
  pauses: number,
  pause: () => Promise<void>,
): Promise<T[]> {
  try {
    return await sw.run(async (own) => {
      const done = own.forkPromise(client);
      if (pauses < Infinity) own.forkDaemon(() => cancelAfter(own, pauses, pause));
      return [await done];
    });
  } catch (error) {
    assert(error instanceof Cancelled || error === TOO_LATE, String(error));
    return [];
  }
}

const TOO_LATE = new Error("you are cancelled");

async function cancelAfter(sw: Switch, pauses: number, pause: () => Promise<void>): Promise<void> {
  for (let i = 0; i < pauses; i++) await pause();
  if (sw.error === undefined) sw.fail(TOO_LATE);
}

Deno.test("Semaphore loses no permit and hands out no more, whoever is cancelled in whatever order", async () => {
  await explore(async (scope) => {
    const semaphore = new Semaphore(2, { name: "connections" });
    let inside = 0;
    const client: Client<void> = async (signal) => {
      using _permit = await semaphore.acquire({ signal });
      assert(++inside <= 2, "too many are in");
      await scope.pause();
      inside--;
    };
    await runClients(scope, Array.from({ length: 6 }, () => client));
    assertEquals([semaphore.available, semaphore.waiting, inside], [2, 0, 0]);
  }, SCHEDULES);
});

Deno.test("Mutex lets one in at a time and comes free, whoever is cancelled in whatever order", async () => {
  await explore(async (scope) => {
    const mutex = new Mutex();
    let inside = 0;
    const client: Client<void> = (signal) =>
      mutex.useRo(async () => {
        assertEquals(++inside, 1);
        await scope.pause();
        inside--;
      }, { signal });
    await runClients(scope, Array.from({ length: 6 }, () => client));
    assertEquals([mutex.isLocked, mutex.waiting], [false, 0]);
  }, SCHEDULES);
});

/** What was put into channels, and what was taken out. */
class Ledger {
  readonly put: number[] = [];
  readonly taken: number[] = [];

  /** Keeps channels moving: takes from who is alone to put, and gives to who is alone to take. */
  async balance(channels: readonly Channel<number>[], signal: AbortSignal): Promise<never> {
    for (let item = 100;; item++) {
      for (let i = 0; i < 20; i++) await Fiber.yield(signal);
      for (const channel of channels) {
        if (channel.waitingToTake > 0 && channel.tryPut(item)) this.put.push(item);
        const next = channel.waitingToPut > 0 ? channel.tryTake() : undefined;
        if (next !== undefined) this.taken.push(next.value);
      }
    }
  }

  /** Each item that was put was taken once or is still there, and nobody waits. */
  assertBalanced(channels: readonly Channel<number>[]): void {
    const sorted = (items: readonly number[]) => [...items].sort((a, b) => a - b);
    for (const channel of channels) {
      while (channel.length > 0) this.taken.push(channel.tryTake()!.value);
      assertEquals([channel.waitingToPut, channel.waitingToTake], [0, 0]);
    }
    assertEquals(sorted(this.taken), sorted(this.put));
  }
}

/** Lets three put by `put` and three take by `take`, some of whom are cancelled. */
async function trade(
  scope: TestScope,
  channels: readonly Channel<number>[],
  put: (item: number, signal: AbortSignal) => Promise<void>,
  take: (signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const ledger = new Ledger();
  const items = [1, 2, 3];
  const putters = items.map((item): Client<void> => async (signal) => {
    await put(item, signal);
    ledger.put.push(item);
  });
  const takers = items.map((): Client<void> => async (signal) => {
    ledger.taken.push(await take(signal));
  });
  await scope.sw.run(async (sw) => {
    sw.forkDaemon((signal) => ledger.balance(channels, signal));
    await runClients(scope, [...putters, ...takers]);
  });
  ledger.assertBalanced(channels);
}

for (const capacity of [0, 1, 2]) {
  Deno.test(`Channel of ${capacity} loses and doubles no item, whoever is cancelled in whatever order`, async () => {
    await explore(async (scope) => {
      const channel = new Channel<number>(capacity);
      await trade(
        scope,
        [channel],
        (item, signal) => channel.put(item, { signal }),
        (signal) => channel.take({ signal }),
      );
    }, SCHEDULES);
  });

  Deno.test(`select() over channels of ${capacity} lets exactly one case happen, in whatever order`, async () => {
    await explore(async (scope) => {
      const [a, b] = [new Channel<number>(capacity), new Channel<number>(capacity)];
      await trade(
        scope,
        [a, b],
        (item, signal) => select([a.putCase(item), b.putCase(item)], { signal }),
        (signal) => select([a.takeCase(), b.takeCase()], { signal }),
      );
    }, SCHEDULES);
  });
}

Deno.test("Condition.loop() misses no change, in whatever order", async () => {
  await explore(async ({ sw, pause }) => {
    const changed = new Condition();
    let state = 0;
    await sw.run((sw) => {
      for (let i = 0; i < 3; i++) {
        sw.fork((signal) =>
          changed.loop(async () => {
            const seen = state;
            await pause();
            return seen === 5 ? seen : undefined;
          }, { signal })
        );
      }
      sw.fork(async () => {
        while (state < 5) {
          await pause();
          state++;
          changed.broadcast();
        }
      });
    });
    assertEquals(changed.waiting, 0);
  }, SCHEDULES);
});

Deno.test("ResourcePool makes no more than it may and gets all back, whoever is cancelled", async () => {
  await explore(async (scope) => {
    let alive = 0;
    const pool = new ResourcePool(2, async () => {
      await scope.pause();
      assert(++alive <= 2, "too many were made");
      return {};
    });
    const client: Client<void> = (signal) => pool.use(() => scope.pause(), { signal });
    await runClients(scope, Array.from({ length: 6 }, () => client));
    await Promise.all([1, 2].map(() => pool.use(() => scope.pause(), { signal: scope.sw.signal })));
  }, SCHEDULES);
});
