import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Fiber, MultipleErrors, Switch } from "../../src/switch/mod.ts";
import { ResourcePool, type ResourcePoolOptions } from "../../src/sync/mod.ts";
import { assertFails, rejectionOf, stateOf, turn } from "../switch/helpers.ts";

/** A pool of numbered resources, and what happened to them. */
function loggedPool(capacity: number, options: ResourcePoolOptions<number> = {}) {
  const log: string[] = [];
  let count = 0;
  const pool = new ResourcePool(capacity, () => {
    log.push(`making ${++count}`);
    return count;
  }, { dispose: (id) => log.push(`disposing ${id}`), ...options });
  const use = (name: string) =>
    pool.use(async (id) => {
      log.push(`${name} uses ${id}`);
      await Fiber.yield();
      log.push(`${name} done`);
    });
  return { pool, log, use };
}

Deno.test("ResourcePool makes a resource once and uses it again", async () => {
  const { log, use } = loggedPool(1);
  await use("a");
  await use("b");
  assertEquals(log, ["making 1", "a uses 1", "a done", "b uses 1", "b done"]);
});

Deno.test("ResourcePool lets who finds all busy wait, in line", async () => {
  const { pool, log, use } = loggedPool(1);
  const users = [use("a"), use("b"), use("c")];
  assertEquals([pool.busy, pool.idle, pool.waiting], [1, 0, 2]);
  await Promise.all(users);
  assertEquals(log.filter((line) => line.includes("done")), ["a done", "b done", "c done"]);
  assertEquals(log.filter((line) => line.includes("making")), ["making 1"]);
  assertEquals([pool.busy, pool.idle, pool.waiting], [0, 1, 0]);
});

Deno.test("ResourcePool of two lets two in at a time, and the one used last is used first", async () => {
  const { log, use } = loggedPool(2);
  await Promise.all([use("a"), use("b")]);
  assertEquals(
    log,
    ["making 1", "a uses 1", "making 2", "b uses 2", "a done", "b done"]
      .toSorted((x, y) => log.indexOf(x) - log.indexOf(y)),
  );
  await use("c");
  assertEquals(log.at(-2), "c uses 2");
});

Deno.test("ResourcePool.use() returns what its function returned, and gives back after an error", async () => {
  const { pool, log } = loggedPool(1);
  assertEquals(await pool.use((id) => id * 2), 2);
  await assertFails(pool.use(() => Promise.reject(new Error("E"))), "E");
  await assertFails(
    pool.use(() => {
      throw new Error("F");
    }),
    "F",
  );
  assertEquals(await pool.use((id) => id), 1);
  assertEquals(log, ["making 1"]);
});

Deno.test("ResourcePool.use() is cancelled while a resource is made, and while it waits", async () => {
  let isUsed = false;
  const pool = new ResourcePool(1, (signal) => Fiber.awaitCancel(signal));
  const run = Switch.run((sw) => {
    for (let i = 0; i < 2; i++) {
      sw.fork(async (signal) => {
        await pool.use(() => isUsed = true, { signal });
      });
    }
    assertEquals([pool.busy, pool.waiting], [1, 1]);
    sw.fail(new Error("E"));
  });
  await assertFails(run, "E");
  assertEquals([isUsed, pool.busy, pool.waiting, pool.idle], [false, 0, 0, 0]);
});

Deno.test("ResourcePool gives a failure to make to that user, and the next tries again", async () => {
  const first = Promise.withResolvers<number>();
  const made = [first.promise, Promise.resolve(1)];
  const pool = new ResourcePool(1, () => made.shift() ?? Promise.reject(new Error("too many")));
  const failing = pool.use((id) => id);
  const waiting = pool.use((id) => id);
  first.reject(new Error("E"));
  await assertFails(failing, "E");
  assertEquals(await waiting, 1);
  assertEquals([made.length, pool.idle], [0, 1]);
});

Deno.test("ResourcePool replaces what is not valid any more before it is used again", async () => {
  const { log, use } = loggedPool(2, {
    validate: (id) => {
      log.push(`${id} is ${id === 1 ? "bad" : "good"}`);
      return id !== 1;
    },
  });
  await use("a");
  await use("b");
  await use("c");
  assertEquals(log, [
    "making 1",
    "a uses 1",
    "a done",
    "1 is bad",
    "disposing 1",
    "making 2",
    "b uses 2",
    "b done",
    "2 is good",
    "c uses 2",
    "c done",
  ]);
});

Deno.test("ResourcePool gives the error of validate to that user, and the next a new resource", async () => {
  const { pool, log, use } = loggedPool(1, {
    validate: () => Promise.reject(new Error("E")),
  });
  await use("a");
  const failing = use("b");
  const waiting = [pool.use((id) => id), rejectionOf(pool.use((id) => id))];
  await assertFails(failing, "E");
  assertEquals(await waiting[0], 2);
  await waiting[1];
  assertEquals(log, ["making 1", "a uses 1", "a done", "disposing 1", "making 2", "disposing 2"]);
});

Deno.test("ResourcePool gives validate the signal of the user", async () => {
  const pool = new ResourcePool(1, () => 1, { validate: (_, signal) => Fiber.awaitCancel(signal) });
  await pool.use(() => {});
  const controller = new AbortController();
  const using = pool.use(() => {}, { signal: controller.signal });
  await turn();
  controller.abort();
  await assertRejects(() => using, Cancelled);
  assertEquals([pool.busy, pool.idle], [0, 0]);
});

Deno.test("ResourcePool gives the error of dispose to the user, and makes a new one next time", async () => {
  let count = 0;
  const pool = new ResourcePool(1, () => ++count, {
    validate: (id) => id !== 1,
    dispose: (id) => Promise.reject(new Error(`E${id}`)),
  });
  await pool.use(() => {});
  await assertFails(pool.use(() => {}), "E1");
  assertEquals([await pool.use((id) => id), await pool.use((id) => id)], [2, 2]);
});

Deno.test("ResourcePool asks check after a use that failed, and only then", async () => {
  const { pool, log } = loggedPool(1, {
    check: (id, error) => {
      log.push(`check ${id}: ${error}`);
      return id !== 1;
    },
  });
  const fail = () => rejectionOf(pool.use(() => Promise.reject("E")));
  await pool.use(() => {});
  await fail();
  await fail();
  await pool.use(() => {});
  assertEquals(log, ["making 1", "check 1: E", "disposing 1", "making 2", "check 2: E"]);
});

Deno.test("ResourcePool joins the errors of a use, of check and of dispose, oldest first", async () => {
  const pool = new ResourcePool(1, () => 1, {
    check: () => Promise.reject(new Error("C")),
    dispose: () => Promise.reject(new Error("D")),
  });
  const error = await rejectionOf(pool.use(() => Promise.reject(new Error("E"))));
  assert(error instanceof MultipleErrors);
  assertEquals(error.errors.map(({ message }) => message), ["E", "C", "D"]);
  assertEquals([pool.busy, pool.idle], [0, 0]);
});

Deno.test("ResourcePool to never block makes one more, and disposes of it after", async () => {
  const { pool, log } = loggedPool(1);
  const held = Promise.withResolvers<void>();
  const holder = pool.use(() => held.promise);
  await turn();
  assertEquals(await pool.use((id) => id, { neverBlock: true }), 2);
  held.resolve();
  await holder;
  assertEquals(await pool.use((id) => id, { neverBlock: true }), 1);
  assertEquals(log, ["making 1", "making 2", "disposing 2"]);
});

Deno.test("ResourcePool.clear() disposes of the idle now, and of the busy on return", async () => {
  const { pool, log } = loggedPool(2);
  const held = Promise.withResolvers<void>();
  const holder = pool.use(() => held.promise);
  await pool.use(() => {});
  await pool.clear();
  assertEquals(log, ["making 1", "making 2", "disposing 2"]);
  held.resolve();
  await holder;
  assertEquals(log.slice(3), ["disposing 1"]);
  assertEquals(await pool.use((id) => id), 3);
});

Deno.test("ResourcePool.clear() disposes of all, whatever fails, and says what did", async () => {
  const gone: number[] = [];
  let count = 0;
  const pool = new ResourcePool(3, () => ++count, {
    dispose: (id) => {
      gone.push(id);
      if (id !== 2) throw new Error(`E${id}`);
    },
  });
  await Switch.run((sw) => {
    for (let i = 0; i < 3; i++) sw.fork(() => pool.use(() => Fiber.yield()));
  });
  const error = await rejectionOf(pool.clear());
  assert(error instanceof MultipleErrors);
  assertEquals([gone.toSorted(), error.errors.length], [[1, 2, 3], 2]);
  assertEquals([pool.busy, pool.idle], [0, 0]);
});

Deno.test("ResourcePool holds no more than its capacity while it is cleared", async () => {
  const isGone = Promise.withResolvers<void>();
  const pool = new ResourcePool(1, () => 1, { dispose: () => isGone.promise });
  await pool.use(() => {});
  const clearing = pool.clear();
  const waiting = pool.use((id) => id);
  assertEquals([await stateOf(waiting), pool.waiting], ["open", 1]);
  isGone.resolve();
  await clearing;
  assertEquals(await waiting, 1);
});

Deno.test("ResourcePool.clear() as a user is given its place leaves the old one to that user", async () => {
  const { pool, log } = loggedPool(1);
  await pool.use(() => {});
  const using = pool.use((id) => id);
  await pool.clear();
  assertEquals(await using, 2);
  assertEquals(log, ["making 1", "disposing 1", "making 2"]);
});

Deno.test("a ResourcePool that a switch holds is cleared when that ends", async () => {
  const { pool, log } = loggedPool(1);
  await Switch.run(async (sw) => {
    sw.use(pool);
    await pool.use(() => {});
    sw.onRelease(() => void log.push("released"));
  });
  assertEquals(log, ["making 1", "released", "disposing 1"]);
});

Deno.test("ResourcePool.use() takes a free resource in a cancelled switch, but does not wait", async () => {
  const pool = new ResourcePool(1, () => 1);
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const { signal } = sw;
    await pool.use(async () => {
      assertStrictEquals(await rejectionOf(pool.use(() => {}, { signal })), sw.error);
    }, { signal });
  }));
  assertEquals([pool.idle, pool.waiting], [1, 0]);
});

Deno.test("ResourcePool() refuses what is no capacity", () => {
  for (const capacity of [0, -1, 0.5, NaN, Infinity]) {
    assertThrows(() => new ResourcePool(capacity, () => 1), RangeError, `got ${capacity}`);
  }
});
