import { assertEquals, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { assertFails, rejectionOf, stateOf } from "./helpers.ts";

Deno.test("a daemon does not keep its switch on: it is cancelled, and waited for", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.onRelease(() => void log.push("release"));
    sw.forkDaemon(async (signal) => {
      await Fiber.awaitCancel(signal).catch(() => {});
      log.push("cancelled");
      await promise;
      log.push("daemon ends");
    });
    return "value";
  });
  assertEquals(await stateOf(run), "open");
  assertEquals(log, ["cancelled"]);
  resolve();
  assertEquals(await run, "value");
  assertEquals(log, ["cancelled", "daemon ends", "release"]);
});

Deno.test("a daemon runs as long as a fiber does", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.forkDaemon((signal) => Fiber.awaitCancel(signal));
    sw.fork(async () => {
      await promise;
      sw.check();
    });
  });
  assertEquals(await stateOf(run), "open");
  resolve();
  await run;
});

Deno.test("a daemon that fails fails its switch", async () => {
  const error = new Error("E");
  const run = Switch.run(async (sw) => {
    sw.forkDaemon(async () => {
      await Fiber.yield();
      throw error;
    });
    await Fiber.awaitCancel(sw.signal);
  });
  assertStrictEquals(await rejectionOf(run), error);
});

Deno.test("a daemon that fails while it is being sent home fails its switch", async () => {
  const run = Switch.run((sw) => {
    sw.forkDaemon(async (signal) => {
      await Fiber.awaitCancel(signal).catch(() => {});
      throw new Error("E");
    });
  });
  await assertFails(run, "E");
});

Deno.test("a daemon that throws a Cancelled of its own fails its switch", async () => {
  const cancelled = new Cancelled("Z");
  const run = Switch.run((sw) => {
    sw.forkDaemon(() => Promise.reject(cancelled));
    return Fiber.awaitCancel(sw.signal);
  });
  assertStrictEquals(await rejectionOf(run), cancelled);
});

Deno.test("a daemon that is cancelled from above leaves the body its value", async () => {
  const controller = new AbortController();
  const value = await Switch.run((sw) => {
    sw.forkDaemon((signal) => Fiber.awaitCancel(signal));
    controller.abort();
    return "value";
  }, { signal: controller.signal });
  assertEquals(value, "value");
});

Deno.test("a daemon may end by itself", async () => {
  await Switch.run(async (sw) => {
    sw.forkDaemon(() => {});
    await Fiber.yield();
    assertEquals(sw.inspect().daemons, []);
    sw.check();
  });
});

Deno.test("a daemon may fork fibers, which keep the switch on", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.forkDaemon(async (signal) => {
      sw.fork(async () => {
        await promise;
        log.push("fiber ends");
      });
      await Fiber.awaitCancel(signal).catch(() => log.push("daemon cancelled"));
    });
  });
  assertEquals(await stateOf(run), "open");
  assertEquals(log, []);
  resolve();
  await run;
  assertEquals(log, ["fiber ends", "daemon cancelled"]);
});

Deno.test("a child switch of a daemon does not keep the switch on", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.forkDaemon(() =>
      sw.run((child) => {
        child.onRelease(() => void log.push("child released"));
        return Fiber.awaitCancel(child.signal);
      })
    );
  });
  assertEquals(log, ["child released"]);
});

Deno.test("several daemons are cancelled together, and all are waited for", async () => {
  const log: number[] = [];
  await Switch.run((sw) => {
    for (const turns of [3, 1, 2]) {
      sw.forkDaemon(async (signal) => {
        await Fiber.awaitCancel(signal).catch(() => {});
        for (let i = 0; i < turns; i++) await Fiber.yield();
        log.push(turns);
      });
    }
  });
  assertEquals(log, [1, 2, 3]);
});
