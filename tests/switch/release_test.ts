import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Fiber, MultipleErrors, Switch } from "../../src/switch/mod.ts";
import { assertFails, rejectionOf, stateOf, turn } from "./helpers.ts";

Deno.test("releases run last-in first-out, one at a time, when the body returns", async () => {
  const log: string[] = [];
  const release = (name: string) => async () => {
    log.push(`start ${name}`);
    await turn();
    log.push(`end ${name}`);
  };
  await Switch.run((sw) => {
    sw.onRelease(release("1"));
    sw.onRelease(release("2"));
    log.push("body");
  });
  assertEquals(log, ["body", "start 2", "end 2", "start 1", "end 1"]);
});

Deno.test("releases run when the body fails", async () => {
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.onRelease(() => void log.push("release 1"));
    sw.onRelease(() => void log.push("release 2"));
    throw new Error("E");
  });
  await assertFails(run, "E");
  assertEquals(log, ["release 2", "release 1"]);
});

Deno.test("releases run to their end when the switch is cancelled meanwhile", async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.onRelease(() => void log.push("release 1"));
    sw.onRelease(async () => {
      controller.abort();
      await promise;
      log.push("release 2");
    });
    return "value";
  }, { signal: controller.signal });
  assertEquals(await stateOf(run), "open");
  resolve();
  assertEquals(await run, "value");
  assertEquals(log, ["release 2", "release 1"]);
});

Deno.test("releases run only after every fiber has settled", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.onRelease(() => void log.push("release"));
    sw.fork(async () => {
      await turn();
      log.push("fiber");
      sw.onRelease(() => void log.push("release of the fiber"));
    });
  });
  assertEquals(log, ["fiber", "release of the fiber", "release"]);
});

Deno.test("releases all run, and their errors are joined in that order", async () => {
  const log: number[] = [];
  const run = Switch.run((sw) => {
    for (const i of [1, 2, 3]) {
      sw.onRelease(async () => {
        await turn();
        log.push(i);
        if (i !== 2) throw new Error(`F${i}`);
      });
    }
  });
  await assertFails(run, "2 errors:\n- F3\n- F1");
  assertEquals(log, [3, 2, 1]);
});

Deno.test("a release's AbortError is an error, as nothing cancels a release", async () => {
  const abortError = new DOMException("gone", "AbortError");
  const run = Switch.run((sw) => {
    sw.forkDaemon((signal) => Fiber.awaitCancel(signal)); // so that the switch is cancelled
    sw.onRelease(() => Promise.reject(abortError));
  });
  assertStrictEquals(await rejectionOf(run), abortError);
});

Deno.test("a release that was removed does not run, and is removed once", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    const release = sw.onRelease(() => void log.push("BUG"));
    const used = sw.onRelease(() => assertEquals(used.remove(), false));
    assertEquals([release.remove(), release.remove()], [true, false]);
  });
  assertEquals(log, []);
});

Deno.test("a release may remove one that has not run yet", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    const first = sw.onRelease(() => void log.push("BUG"));
    sw.onRelease(() => assert(first.remove()));
  });
  assertEquals(log, []);
});

Deno.test("a release for a finished switch runs at once, and is refused", async () => {
  const log: string[] = [];
  const finished = await Switch.run((sw) => sw, { name: "sub" });
  const run = Switch.run((sw) => {
    sw.fail(new Error("E"));
    finished.onRelease(() => void log.push("release"));
  });
  const joined = await rejectionOf(run);
  assert(joined instanceof MultipleErrors);
  assertEquals(joined.errors.map(String), [
    "Error: E",
    'TypeError: Cannot add a release: the switch "sub" has finished',
  ]);
  assertEquals(log, ["release"]);
});

Deno.test("a release that comes too late and throws is the cause of the refusal", async () => {
  const finished = await Switch.run((sw) => sw);
  const cause = new Error("E");
  const error = assertThrows(() =>
    finished.onRelease(() => {
      throw cause;
    }), TypeError);
  assertStrictEquals(error.cause, cause);
  assertThrows(() => finished.onRelease(() => Promise.reject(cause)), TypeError);
  await turn(); // the test runner fails on an unhandled rejection
});

Deno.test("fibers that releases fork are waited for, and cannot add releases", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    const forkLogged = (name: string, andThen: () => void) =>
      sw.fork(async () => {
        log.push(`start ${name}`);
        andThen();
        await turn();
        log.push(`finish ${name}`);
      });
    sw.onRelease(() => forkLogged("1", () => {}));
    sw.onRelease(() =>
      forkLogged("2", () => {
        const refused = assertThrows(() => sw.onRelease(() => void log.push("immediate")));
        assert(refused instanceof TypeError);
        log.push("refused");
      })
    );
    log.push("body");
  });
  const starts = ["start 2", "immediate", "refused", "start 1"];
  assertEquals(log, ["body", ...starts, "finish 2", "finish 1"]);
});

Deno.test("a release that comes during the releases is waited for, and its error is joined", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.onRelease(() => void assertThrows(() => sw.onRelease(() => promise), TypeError));
  });
  run.catch(() => {});
  assertEquals(await stateOf(run), "open");
  reject(new Error("late"));
  await assertFails(run, "late");
});

Deno.test("daemons that releases fork are cancelled, and waited for", async () => {
  const log: string[] = [];
  await Switch.run((sw) => {
    sw.onRelease(() =>
      sw.forkDaemon((signal) => Fiber.awaitCancel(signal).finally(() => log.push("cancelled")))
    );
  });
  assertEquals(log, ["cancelled"]);
});

Deno.test("releases of a child run before its parent goes on", async () => {
  const log: string[] = [];
  await Switch.run(async (sw) => {
    sw.onRelease(() => void log.push("parent"));
    await sw.run((child) => void child.onRelease(() => void log.push("child")));
    log.push("body");
  });
  assertEquals(log, ["child", "body", "parent"]);
});

Deno.test("sw.use() disposes of the resource with the switch, and returns it", async () => {
  const log: string[] = [];
  const resource = { [Symbol.dispose]: () => void log.push("sync") };
  const asyncResource = {
    [Symbol.asyncDispose]: async () => {
      await turn();
      log.push("async");
    },
    [Symbol.dispose]: () => void log.push("BUG"),
  };
  await Switch.run((sw) => {
    assertStrictEquals(sw.use(resource), resource);
    assertStrictEquals(sw.use(asyncResource), asyncResource);
    log.push("body");
  });
  assertEquals(log, ["body", "async", "sync"]);
});

Deno.test("sw.use() disposes of the resource when the switch fails or is cancelled", async () => {
  let count = 0;
  const resource = () => ({ [Symbol.dispose]: () => void count++ });
  await rejectionOf(Switch.run((sw) => {
    sw.use(resource());
    throw new Error("E");
  }));
  const controller = new AbortController();
  const run = Switch.run((sw) => {
    sw.use(resource());
    return Fiber.awaitCancel(sw.signal);
  }, { signal: controller.signal });
  controller.abort();
  await assertRejects(() => run, Cancelled);
  assertEquals(count, 2);
});

Deno.test("sw.use() on a finished switch disposes of the resource at once, and throws", async () => {
  const finished = await Switch.run((sw) => sw);
  let count = 0;
  assertThrows(() => finished.use({ [Symbol.dispose]: () => void count++ }), TypeError);
  assertEquals(count, 1);
});
