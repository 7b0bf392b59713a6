import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeThreads, type ScopeSpec } from "../../src/env/mod.ts";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { Mutex } from "../../src/sync/mod.ts";
import { DeadlockError, runTest, type TestScope } from "../../src/testing/mod.ts";

Deno.test("runTest() moves the clock only when nothing else can happen", async () => {
  const log = await runTest(async ({ sw, env: { clock }, pause }) => {
    const log: string[] = [];
    await sw.run((sw) => {
      sw.fork(async () => {
        await clock.sleep(10);
        log.push(`woke at ${clock.monotonic()}`);
      });
      sw.fork(async (signal) => {
        for (let i = 0; i < 20; i++) await pause();
        for (let i = 0; i < 20; i++) await Fiber.yield(signal);
        for (let i = 0; i < 5; i++) await Fiber.yield();
        for (let i = 0; i < 2000; i++) await Promise.resolve();
        log.push(`worked until ${clock.monotonic()}`);
      });
    });
    return log;
  });
  assertEquals(log, ["worked until 0", "woke at 10"]);
});

Deno.test("runTest() goes from timer to timer, in their order", async () => {
  const woke = await runTest(async ({ sw, env: { clock } }) => {
    const woke: string[] = [];
    await sw.run((sw) => {
      for (const [name, ms] of [["b", 7], ["a", 5], ["c", 7], ["day", 86_400_000]] as const) {
        sw.fork(async (signal) => {
          await clock.sleep(ms, { signal });
          woke.push(`${name}@${clock.monotonic()}`);
        });
      }
    });
    return woke;
  });
  assertEquals(woke, ["a@5", "b@7", "c@7", "day@86400000"]);
});

Deno.test("runTest() rejects with a DeadlockError when a promise is awaited that nobody resolves", async () => {
  await assertRejects(() => runTest(() => new Promise(() => {})), DeadlockError, "all fibers wait");
});

Deno.test("a DeadlockError shows the tree: who waits, since when, and for what", async () => {
  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
  const run = runTest(({ sw, env: { clock } }) => {
    const lockBoth = async (first: Mutex, second: Mutex, signal: AbortSignal) => {
      using _first = await first.lock({ signal });
      await clock.sleep(1000, { signal });
      using _second = await second.lock({ signal });
    };
    sw.fork(function left(signal) {
      return lockBoth(a, b, signal);
    });
    sw.fork(function right(signal) {
      return lockBoth(b, a, signal);
    });
  });
  const { tree, message } = await assertRejects(() => run, DeadlockError);
  assertEquals(message.split("\n").slice(1), [
    "switch test     on  1.0 s",
    "├─ fiber left       1.0 s  Mutex b",
    "└─ fiber right      1.0 s  Mutex a",
  ]);
  assertEquals(tree.fibers.map(({ waitsFor }) => waitsFor), [["Mutex b"], ["Mutex a"]]);
});

Deno.test("runTest() cancels a test that is stuck, and waits for its releases", async () => {
  const log: string[] = [];
  const run = runTest(({ sw, env: { clock } }) => {
    sw.onRelease(async () => {
      await clock.sleep(1000);
      log.push("released");
    });
    sw.fork(async (signal) => {
      const error = await Fiber.awaitCancel(signal).catch((error) => error);
      log.push(error.cause.name);
    });
  });
  await assertRejects(() => run, DeadlockError);
  assertEquals(log, ["DeadlockError", "released"]);
});

Deno.test("runTest() gives up on a fiber that hears nothing, and reports the deadlock all the same", async () => {
  const run = runTest(({ sw }) => sw.fork(() => new Promise(() => {})));
  await assertRejects(() => run, DeadlockError);
});

Deno.test("runTest() takes no deadlock for granted: not a long run of yields, not a daemon", async () => {
  const yields = await runTest(async ({ sw }) => {
    sw.forkDaemon(Fiber.awaitCancel);
    let yields = 0;
    while (yields < 900) yields += await Fiber.yield().then(() => 1);
    return yields;
  });
  assertEquals(yields, 900);
});

Deno.test("runTest() takes a timer that never falls due for a deadlock", async () => {
  const run = runTest(({ sw, env: { clock } }) => clock.sleep(Infinity, sw));
  await assertRejects(() => run, DeadlockError, "sleep Infinity ms");
});

Deno.test("runTest() ends a test that goes on for ever", async () => {
  const run = runTest(async ({ sw }) => {
    while (true) await Fiber.yield(sw.signal);
  }, { maxSteps: 50 });
  await assertRejects(() => run, RangeError, "it takes more than 50 wake-ups");
});

Deno.test("runTest() returns what the test returns, and throws what Switch.run() throws", async () => {
  assertEquals(await runTest(() => 42), 42);
  const error = new Error("E");
  const failing = runTest(({ sw }) => {
    sw.fork((signal) => Fiber.awaitCancel(signal));
    throw error;
  });
  assertStrictEquals(await failing.catch((error) => error), error);
  const cancelled = runTest(() => Promise.reject(new Cancelled("mine")));
  await assertRejects(() => cancelled, Cancelled, "mine");
});

Deno.test("runTest() throws what a timer throws", async () => {
  const run = runTest(({ env: { clock } }) => {
    clock.setTimer(5, () => {
      throw new Error("rang");
    });
    return new Promise(() => {});
  });
  await assertRejects(() => run, Error, "rang");
});

Deno.test("runTest() keeps a trace of what happened", async () => {
  const kinds = await runTest(async ({ sw, trace, env: { clock } }) => {
    await clock.sleep(5, sw);
    return trace.events.map(({ kind, at }) => `${kind} at ${at}`);
  });
  assertEquals(kinds, ["open at 0", "wait at 0", "resume at 5"]);
});

/** The order in which eight fibers go on that were woken together. */
async function orderOf({ sw, env: { clock, random } }: TestScope): Promise<string> {
  const order: string[] = [];
  await sw.run((sw) => {
    for (const name of "abcdefgh") {
      sw.fork(async (signal) => {
        await clock.sleep(10, { signal });
        order.push(name);
        await Fiber.yield(signal);
        order.push(name.toUpperCase());
      });
    }
  });
  return order.join("") + random.next();
}

Deno.test("runTest() follows the same schedule for the same seed, and others for others", async () => {
  const orders = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const order = await runTest(orderOf, { seed });
    assertEquals(await runTest(orderOf, { seed }), order);
    orders.add(order);
  }
  assertEquals(orders.size, 20);
  assert((await runTest(orderOf)).startsWith("abcdefghABCDEFGH"));
});

Deno.test("runTest() never fires a timer before an earlier one, nor one that was cancelled", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const fired = await runTest(async ({ env: { clock } }) => {
      const fired: number[] = [];
      for (const ms of [3, 1, 2, 1, 3]) clock.setTimer(ms, () => void fired.push(ms));
      const pair = [0, 1].map((i) =>
        clock.setTimer(2, () => {
          fired.push(2);
          pair[1 - i]?.cancel();
        })
      );
      await clock.sleep(4);
      return fired;
    }, { seed });
    assertEquals(fired, [1, 1, 2, 2, 3, 3]);
  }
});

Deno.test("runTest() leaves bytes of a connection in their order, whoever reads when", async () => {
  const address = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const encoder = new TextEncoder();
  for (let seed = 1; seed <= 20; seed++) {
    const text = await runTest(async ({ sw, env: { net } }) => {
      const listener = await net.listen(sw, address);
      sw.fork(async () => {
        const client = await net.connect(sw, address);
        for (const word of ["one ", "two ", "three"]) {
          for (let rest = encoder.encode(word); rest.length > 0;) {
            rest = rest.subarray(await client.write(rest));
          }
        }
        client.close();
      });
      const server = await listener.accept();
      const buffer = new Uint8Array(3);
      let text = "";
      for (let n = await server.read(buffer); n !== null; n = await server.read(buffer)) {
        text += new TextDecoder().decode(buffer.subarray(0, n));
      }
      return text;
    }, { seed, env: { net: { capacity: 2 } } });
    assertEquals(text, "one two three");
  }
});

const SPEC: ScopeSpec = {
  name: "base",
  isolation: "worker",
  permissions: {
    ...{ net: "none", read: "none", write: "none", env: "none" },
    ...{ run: "none", ffi: "none", sys: "none", import: "none" },
  },
  memoryMb: 128,
};

Deno.test("runTest() mixes the messages of several threads, and keeps those of each in order", async () => {
  const orders = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const order = await runTest(async ({ sw, defer }) => {
      const threads = new FakeThreads({ run: (post) => post, defer });
      const warden = await threads.open(sw, SPEC);
      const answers: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const name of ["a", "b"]) {
        const thread = await warden.start(0);
        thread.onMessage((answer) => {
          if (answers.push(String(answer)) === 6) resolve();
        });
        for (const i of [1, 2, 3]) thread.post(name + i);
      }
      await promise;
      return answers;
    }, { seed });
    for (const name of ["a", "b"]) {
      const own = order.filter((answer) => answer.startsWith(name));
      assertEquals(own, [1, 2, 3].map((i) => name + i));
    }
    orders.add(order.join());
  }
  assert(orders.size > 5);
});

Deno.test("runTest() below a switch is a tree of its own", async () => {
  await Switch.run(async () => {
    assertEquals(await runTest(({ sw }) => sw.inspect().name), "test");
  });
});
