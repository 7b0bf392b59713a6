import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Cancelled, Fiber, onAbort, Switch, wake } from "../../src/switch/mod.ts";
import { explore, runTest, ScheduleError, type TestScope } from "../../src/testing/mod.ts";

/** Two deposits, each of which writes what it read before it waited. */
async function lostUpdate({ sw }: TestScope): Promise<void> {
  let balance = 0;
  await sw.run((sw) => {
    for (const amount of [10, 20]) {
      sw.fork(async (signal) => {
        for (let i = 0; i < amount / 5; i++) await Fiber.yield(signal); // they seldom meet
        const seen = balance;
        await Fiber.yield(signal);
        balance = seen + amount;
      });
    }
  });
  assertEquals(balance, 30);
}

/** A semaphore with a fault: a permit is lost whose new owner is cancelled before it goes on. */
class LossySemaphore {
  readonly #waiters: (() => void)[] = [];
  #isFree = false;

  async acquire(signal: AbortSignal): Promise<void> {
    if (!this.#isFree) {
      await new Promise<void>((resolve) => {
        const waiter = () => wake(signal, resolve, undefined);
        this.#waiters.push(waiter);
        onAbort(signal, () => {
          this.#leave(waiter);
          resolve();
        });
      });
      if (signal.aborted) throw Cancelled.from(signal.reason);
    }
    this.#isFree = false;
  }

  #leave(waiter: () => void): void {
    const place = this.#waiters.indexOf(waiter);
    if (place >= 0) this.#waiters.splice(place, 1);
  }

  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#isFree = true;
    else next();
  }
}

/** The permit is released and its waiter cancelled, at about the same time. */
async function lostPermit({ sw, pause }: TestScope): Promise<void> {
  const semaphore = new LossySemaphore();
  const waiter = sw.run((child) => {
    child.fork((signal) => semaphore.acquire(signal).then(() => semaphore.release()));
    child.fork(async () => {
      for (let i = 0; i < 3; i++) await pause();
      throw new Error("cancels the other");
    });
  }).catch(() => {});
  await sw.run((sw) => {
    sw.fork(async () => {
      await pause();
      semaphore.release();
    });
    sw.fork(() => waiter);
  });
  await semaphore.acquire(sw.signal);
}

const faults: [name: string, test: (scope: TestScope) => Promise<void>, message: string][] = [
  ["a lost update", lostUpdate, "Values are not equal"],
  ["a permit that is lost", lostPermit, "DeadlockError: Cannot go on"],
];

for (const [name, test, message] of faults) {
  Deno.test(`${name} stays hidden in the usual order of events`, async () => {
    await runTest(test);
  });

  Deno.test(`explore() finds ${name}, and its seed brings it back every time`, async () => {
    const found = await assertRejects(() => explore(test), ScheduleError);
    const { seed } = found;
    assertStringIncludes(found.message, message);
    assertStringIncludes(found.message, `repeat it with { seed: ${seed} }`);
    for (let i = 0; i < 3; i++) {
      const again = await assertRejects(() => explore(test, { seed }), ScheduleError);
      assertEquals(again.seed, seed);
      assertStringIncludes(again.message, message);
    }
  });
}

Deno.test("explore() tries as many schedules as asked, each from the start", async () => {
  const states: number[] = [];
  await explore(() => {
    let state = 0;
    states.push(++state);
  }, { schedules: 7 });
  assertEquals(states, [1, 1, 1, 1, 1, 1, 1]);
});

Deno.test("explore() stops at the first schedule that fails, and keeps the error as its cause", async () => {
  const error = new Error("the third time");
  let runs = 0;
  const found = await assertRejects(() =>
    explore(() => {
      if (++runs === 3) throw error;
    }), ScheduleError);
  assertEquals([runs, found.seed, found.cause], [3, 3, error]);
  assertEquals(
    found.message,
    "Schedule 3 failed; repeat it with { seed: 3 }\nError: the third time",
  );
});

Deno.test("explore() finds each order of two fibers, in about half of the schedules", async () => {
  const orders: string[] = [];
  await explore(async ({ sw }) => {
    let order = "";
    await sw.run((sw) => {
      for (const name of ["a", "b"]) {
        sw.fork(async (signal) => {
          await Fiber.yield(signal);
          order += name;
        });
      }
    });
    orders.push(order);
  }, { schedules: 200 });
  const count = orders.filter((order) => order === "ab").length;
  assert(count > 50 && count < 150, `${count} of 200`);
});

Deno.test("a switch beside the tree of the test is not explored", async () => {
  await explore(async () => {
    const log: string[] = [];
    await Switch.run((sw) => {
      for (const name of ["a", "b", "c"]) {
        sw.fork((signal) => Fiber.yield(signal).then(() => log.push(name)));
      }
    });
    assertEquals(log, ["a", "b", "c"]);
  }, { schedules: 20 });
});
