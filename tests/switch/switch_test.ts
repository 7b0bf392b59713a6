import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Fiber, MultipleErrors, Switch } from "../../src/switch/mod.ts";
import { assertFails, rejectionOf, stateOf, turn } from "./helpers.ts";

Deno.test("Switch.run() returns what its function returned", async () => {
  assertEquals(await Switch.run(() => 1), 1);
  assertEquals(await Switch.run(() => Promise.resolve(2)), 2);
});

Deno.test("Switch.run() throws the very error that its function threw", async () => {
  const error = new Error("E");
  const sync = () => {
    throw error;
  };
  assertStrictEquals(await rejectionOf(Switch.run(sync)), error);
  assertStrictEquals(await rejectionOf(Switch.run(() => Promise.reject(error))), error);
});

Deno.test("Switch.run() throws even an undefined error", async () => {
  assertEquals(await rejectionOf(Switch.run(() => Promise.reject(undefined))), undefined);
  assertEquals(await rejectionOf(Switch.run((sw) => sw.fail(null))), null);
});

Deno.test("Switch.run() calls its function at once", async () => {
  let isCalled = false;
  const run = Switch.run(() => void (isCalled = true));
  assert(isCalled);
  await run;
});

Deno.test("Switch.run() waits for a forked fiber to settle", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => sw.fork(() => promise));
  assertEquals(await stateOf(run), "open");
  resolve();
  await run;
});

Deno.test("Switch.run() that fails waits for a fiber that takes its time to give up", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.fork(() => promise);
    throw new Error("E");
  });
  run.catch(() => {});
  assertEquals(await stateOf(run), "open");
  resolve();
  await assertFails(run, "E");
});

Deno.test("Switch.run() waits for fibers that fibers have forked", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.fork(async () => {
      await turn();
      sw.fork(async () => {
        await turn();
        log.push("grandchild");
      });
    });
  });
  assertEquals(log, ["grandchild"]);
});

Deno.test("sw.fork() runs the fiber up to its first wait, then the caller goes on", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.fork(async () => {
      log.push("first");
      await Fiber.yield();
      log.push("first again");
    });
    sw.fork(() => void log.push("second"));
    log.push("body");
  });
  assertEquals(log, ["first", "second", "body", "first again"]);
});

Deno.test("fibers that yield take turns", async () => {
  const log: string[] = [];
  const count = async (name: string) => {
    for (const i of [1, 2]) {
      log.push(`${name}${i}`);
      await Fiber.yield();
    }
  };
  await Switch.run((sw) => {
    sw.fork(() => count("i"));
    sw.fork(() => count("j"));
  });
  assertEquals(log, ["i1", "j1", "i2", "j2"]);
});

Deno.test("a fiber's failure cancels its siblings and is thrown by run", async () => {
  const log: string[] = [];
  const error = new Error("E");
  const run = Switch.run((sw) => {
    sw.fork(async (signal) => {
      for (const i of [1, 2, 3]) {
        log.push(`i${i}`);
        await Fiber.yield(signal);
      }
    });
    sw.fork(async () => {
      await Promise.resolve();
      throw error;
    });
  });
  assertStrictEquals(await rejectionOf(run), error);
  assertEquals(log, ["i1"]);
});

Deno.test("a fiber that throws before its first wait has turned the switch off when fork returns", async () => {
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.fork(() => {
      throw new Error("E");
    });
    sw.fork(() => void log.push("second"));
  });
  await assertFails(run, "E");
  assertEquals(log, []);
});

Deno.test("failures are joined oldest first", async () => {
  const [e1, e2, e3] = [new Error("E1"), new Error("E2"), new Error("E3")];
  const run = Switch.run((sw) => {
    sw.fork(async () => {
      await turn();
      throw e2;
    });
    sw.fork(async () => {
      await turn();
      throw e3;
    });
    throw e1;
  });
  const joined = await rejectionOf(run);
  assert(joined instanceof MultipleErrors);
  assertEquals(joined.errors, [e1, e2, e3]);
});

Deno.test("shielded fibers that fail after the first failure are joined to it", async () => {
  const fail = async (message: string) => {
    await Fiber.protect(() => Fiber.yield());
    throw new Error(message);
  };
  const run = Switch.run((sw) => {
    sw.fork(() => fail("E1"));
    sw.fork(() => fail("E2"));
  });
  await assertFails(run, "2 errors:\n- E1\n- E2");
});

Deno.test("an error that comes twice is thrown once, as it is", async () => {
  const error = new Error("E");
  const run = Switch.run((sw) => {
    sw.fork(() => Promise.reject(error));
    sw.fork(() => Promise.reject(error));
    sw.fail(error);
    throw error;
  });
  assertStrictEquals(await rejectionOf(run), error);
});

Deno.test("a cancellation never hides an error, whichever comes first", async () => {
  const error = new Error("E");
  const errorLast = Switch.run((sw) => {
    sw.fork(() => Promise.reject(new Cancelled("Z")));
    sw.fork(() => Promise.reject(error));
  });
  assertStrictEquals(await rejectionOf(errorLast), error);
  const errorFirst = Switch.run((sw) => {
    sw.fork((signal) => Fiber.awaitCancel(signal));
    throw error;
  });
  assertStrictEquals(await rejectionOf(errorFirst), error);
});

Deno.test("a cancellation that nobody asked for fails the switch, unwrapped", async () => {
  const cancelled = new Cancelled("Z");
  const run = Switch.run((sw) => {
    sw.fork((signal) => Fiber.awaitCancel(signal));
    throw cancelled;
  });
  assertStrictEquals(await rejectionOf(run), cancelled);
});

Deno.test("sw.fail() cancels, and returns to its caller, who goes on", async () => {
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.fork(async (signal) => {
      log.push("waiting");
      await Fiber.awaitCancel(signal);
      log.push("BUG");
    });
    sw.fail(new Error("E"));
    log.push("clean up");
  });
  await assertFails(run, "E");
  assertEquals(log, ["waiting", "clean up"]);
});

Deno.test("a wait that has ended is not cancelled any more", async () => {
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run(async (sw) => {
    sw.fork(async () => {
      log.push("waiting");
      await promise;
      log.push("resolved");
    });
    resolve();
    await Fiber.yield();
    log.push("cancelling");
    sw.fail(new Error("E"));
  });
  await assertFails(run, "E");
  assertEquals(log, ["waiting", "resolved", "cancelling"]);
});

Deno.test("sw.fork() on a cancelled switch starts nothing and says nothing", async () => {
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.fail(new Error("E"));
    sw.fork(() => void log.push("BUG"));
    sw.forkDaemon(() => void log.push("BUG"));
    log.push("body goes on");
  });
  await assertFails(run, "E");
  assertEquals(log, ["body goes on"]);
});

Deno.test("a finished switch refuses all use", async () => {
  const sw = await Switch.run((sw) => sw, { name: "main" });
  const message = 'the switch "main" has finished';
  const nothing = () => {};
  assertThrows(() => sw.check(), TypeError, `Cannot go on: ${message}`);
  assertThrows(() => sw.fail(new Error("E")), TypeError, `Cannot fail: ${message}`);
  assertThrows(() => sw.fork(nothing), TypeError, `Cannot fork: ${message}`);
  assertThrows(() => sw.forkPromise(nothing), TypeError, `Cannot fork: ${message}`);
  assertThrows(() => sw.forkDaemon(nothing), TypeError, `Cannot fork: ${message}`);
  await assertRejects(() => sw.run(nothing), TypeError, `Cannot run a switch below: ${message}`);
  await assertRejects(() => sw.run(nothing, { protect: true }), TypeError, message);
  assert(sw.error instanceof TypeError);
});

Deno.test("sw.error is what sw.check() throws", async () => {
  await rejectionOf(Switch.run((sw) => {
    assertEquals(sw.error, undefined);
    sw.check();
    const cause = new Error("E");
    sw.fail(cause);
    assert(sw.error instanceof Cancelled);
    assertStrictEquals(sw.error.cause, cause);
    assertStrictEquals(assertThrows(() => sw.check()), sw.error);
  }));
});

Deno.test("an unnamed switch is just the switch in a message", async () => {
  const sw = await Switch.run((sw) => sw);
  assertThrows(() => sw.check(), TypeError, "Cannot go on: the switch has finished");
});

Deno.test("sw.forkPromise() gives the fiber's value", async () => {
  assertEquals(await Switch.run((sw) => sw.forkPromise(() => Promise.resolve(7))), 7);
});

Deno.test("sw.forkPromise() gives the fiber's error to whoever awaits it, not to the switch", async () => {
  const error = new Error("E");
  const result = await Switch.run(async (sw) => {
    const promise = sw.forkPromise(() => Promise.reject(error));
    assertStrictEquals(await rejectionOf(promise), error);
    const sync = sw.forkPromise(() => {
      throw error;
    });
    assertStrictEquals(await rejectionOf(sync), error);
    sw.check();
    return "unharmed";
  });
  assertEquals(result, "unharmed");
});

Deno.test("sw.forkPromise() that nobody awaits hides its error", async () => {
  await Switch.run((sw) => {
    sw.forkPromise(() => Promise.reject(new Error("hidden")));
  });
  await turn(); // the test runner fails on an unhandled rejection
});

Deno.test("Switch.run() waits for the fiber of sw.forkPromise()", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => void sw.forkPromise(() => promise));
  assertEquals(await stateOf(run), "open");
  resolve();
  await run;
});

Deno.test("sw.forkPromise() on a cancelled switch is rejected, and its body never runs", async () => {
  const log: string[] = [];
  const run = Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const promise = sw.forkPromise(() => void log.push("BUG"));
    assertStrictEquals(await rejectionOf(promise), sw.error);
    sw.forkPromise(() => void log.push("BUG")); // nobody awaits it
  });
  await assertFails(run, "E");
  assertEquals(log, []);
});

Deno.test("MultipleErrors of a child are joined one by one, and each once", async () => {
  const [a, b, c] = [new Error("A"), new Error("B"), new Error("C")];
  const run = Switch.run(async (sw) => {
    sw.fail(b);
    await sw.run((child) => {
      child.fail(a);
      child.fail(b);
      child.fail(c);
    }, { protect: true });
  });
  const joined = await rejectionOf(run);
  assert(joined instanceof MultipleErrors);
  assertEquals(joined.errors, [b, a, c]);
});

Deno.test("MultipleErrors that are all that went wrong pass unchanged", async () => {
  let inner: unknown;
  const outer = await rejectionOf(Switch.run(async (sw) => {
    const child = sw.run((child) => {
      child.fail(new Error("A"));
      child.fail(new Error("B"));
    });
    inner = await rejectionOf(child);
    sw.fork((signal) => Fiber.awaitCancel(signal));
    throw inner;
  }));
  assert(outer instanceof MultipleErrors);
  assertStrictEquals(outer, inner);
});

Deno.test("MultipleErrors without an error is a failure all the same", async () => {
  await assertRejects(() => Switch.run((sw) => sw.fail(new MultipleErrors([]))), MultipleErrors);
});

Deno.test("MultipleErrors lists the first errors and counts the rest", () => {
  const errors = Array.from({ length: 12 }, (_, i) => new Error(`E${i}`));
  const lines = new MultipleErrors([...errors, Object.create(null)]).message.split("\n");
  assertEquals(lines[0], "13 errors:");
  assertEquals(lines[1], "- E0");
  assertEquals(lines.at(-1), "- and 3 more");
  assertEquals(lines.length, 12);
});

Deno.test("Cancelled says why, and looks like the platform's AbortError", () => {
  const cause = new Error("left");
  const cancelled = new Cancelled(cause);
  assertStrictEquals(cancelled.cause, cause);
  assertEquals(cancelled.name, "AbortError");
  assertEquals(cancelled.message, "Cancelled: left");
  assertEquals(
    new Cancelled(Object.create(null)).message,
    "Cancelled: an error that cannot be shown",
  );
  assertStrictEquals(Cancelled.from(cancelled), cancelled);
});
