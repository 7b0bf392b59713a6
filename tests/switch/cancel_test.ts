import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, MultipleErrors, onAbort, Switch } from "../../src/switch/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf, turn } from "./helpers.ts";

/** Runs `fn` while `AbortController` counts how many were made of it. */
async function countControllers(fn: () => Promise<unknown>): Promise<number> {
  const Real = globalThis.AbortController;
  let count = 0;
  globalThis.AbortController = class extends Real {
    constructor() {
      super();
      count++;
    }
  };
  try {
    await fn();
  } finally {
    globalThis.AbortController = Real;
  }
  return count;
}

Deno.test("no AbortController is made unless a signal is read", async () => {
  const count = await countControllers(() =>
    rejectionOf(Switch.run(async (sw) => {
      sw.fork(() => Promise.resolve());
      sw.forkDaemon(() => new Promise<void>((resolve) => void sw.onCancel(() => resolve())));
      await sw.forkPromise(() => 1);
      await sw.run((child) => child.fork(() => {}));
      await Fiber.protect(() => 1);
      sw.fail(new Error("E"));
    }))
  );
  assertEquals(count, 0);
});

Deno.test("one AbortController is made for all who read the signal", async () => {
  const count = await countControllers(() =>
    Switch.run((sw) => {
      sw.fork((signal) => assertStrictEquals(signal, sw.signal));
      sw.fork((signal) => assertStrictEquals(signal, sw.signal));
    })
  );
  assertEquals(count, 1);
});

Deno.test("a fiber that declares no parameter is given no signal", async () => {
  await Switch.run((sw) => sw.fork((...args) => assertEquals(args, [] as unknown as typeof args)));
});

Deno.test("sw.signal is aborted with the Cancelled of the switch", async () => {
  await rejectionOf(Switch.run((sw) => {
    const { signal } = sw;
    assertEquals(signal.aborted, false);
    sw.fail(new Error("E"));
    assertEquals(signal.aborted, true);
    assertStrictEquals(signal.reason, sw.error);
  }));
});

Deno.test("sw.signal that is first read when the switch is cancelled is aborted", async () => {
  await rejectionOf(Switch.run((sw) => {
    sw.fail(new Error("E"));
    assertStrictEquals(sw.signal.reason, sw.error);
  }));
});

Deno.test("sw.signal that is first read when the switch has finished is aborted", async () => {
  const sw = await Switch.run((sw) => sw);
  assert(sw.signal.aborted);
  assert(sw.signal.reason instanceof Cancelled);
  assert(sw.signal.reason.cause instanceof TypeError);
});

Deno.test("sw.signal that was read before is not aborted because the switch ends well", async () => {
  const signal = await Switch.run((sw) => sw.signal);
  assertEquals(signal.aborted, false);
});

Deno.test("Switch.run() with an aborted signal throws at once and runs nothing", async () => {
  const log: string[] = [];
  const cause = new Error("left");
  const run = Switch.run(() => void log.push("BUG"), { signal: AbortSignal.abort(cause) });
  const cancelled = await rejectionOf(run);
  assert(cancelled instanceof Cancelled);
  assertStrictEquals(cancelled.cause, cause);
  assertEquals(log, []);
});

Deno.test("a foreign signal cancels the switch", async () => {
  const { controller, signal } = countedSignal();
  const run = Switch.run((sw) => sw.fork((signal) => Fiber.awaitCancel(signal)), { signal });
  assertEquals(await stateOf(run), "open");
  const cause = new Error("left");
  controller.abort(cause);
  const cancelled = await rejectionOf(run);
  assert(cancelled instanceof Cancelled);
  assertStrictEquals(cancelled.cause, cause);
});

Deno.test("a foreign signal with a Cancelled as its reason is not wrapped", async () => {
  const reason = new Cancelled("Z");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await rejectionOf(Switch.run(() => {}, { signal })), reason);
});

Deno.test("no listener stays on a foreign signal, however the switch ends", async () => {
  const { controller, signal, listeners } = countedSignal();
  await Switch.run(() => assertEquals(listeners.size, 1), { signal });
  assertEquals(listeners.size, 0);
  await rejectionOf(Switch.run(() => Promise.reject(new Error("E")), { signal }));
  assertEquals(listeners.size, 0);
  const run = Switch.run((sw) => Fiber.awaitCancel(sw.signal), { signal });
  controller.abort();
  await rejectionOf(run);
  await rejectionOf(Switch.run(() => {}, { signal }));
  assertEquals(listeners.size, 0);
});

Deno.test("a protected switch leaves a foreign signal alone", async () => {
  const { signal, listeners } = countedSignal();
  await Switch.run(() => assertEquals(listeners.size, 0), { signal, protect: true });
  const aborted = AbortSignal.abort();
  assertEquals(await Switch.run(() => "ran", { signal: aborted, protect: true }), "ran");
});

Deno.test("a body that returns although it was cancelled meanwhile still gives its value", async () => {
  const controller = new AbortController();
  const value = await Switch.run((sw) => {
    controller.abort();
    assert(sw.error instanceof Cancelled);
    return "done";
  }, { signal: controller.signal });
  assertEquals(value, "done");
});

Deno.test("a fiber that gave up makes run throw Cancelled although the body returned", async () => {
  const controller = new AbortController();
  const run = Switch.run((sw) => {
    sw.fork((signal) => Fiber.awaitCancel(signal));
    controller.abort();
    return "half done";
  }, { signal: controller.signal });
  await assertRejects(() => run, Cancelled);
});

Deno.test("Switch.run() with the signal of a switch makes a child of it", async () => {
  await Switch.run(async (sw) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const child = Switch.run(() => promise, { signal: sw.signal, name: "child" });
    assertEquals(sw.inspect().children.map(({ name }) => name), ["child"]);
    resolve();
    await child;
    assertEquals(sw.inspect().children, []);
  });
});

Deno.test("a child can be started in a cancelled switch only if it is protected", async () => {
  const log: string[] = [];
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const refused = sw.run(() => void log.push("BUG"));
    assertStrictEquals(await rejectionOf(refused), sw.error);
    await sw.run((child) => child.check(), { protect: true });
    await Switch.run((child) => child.check(), { protect: true, signal: sw.signal });
    log.push("protected ones ran");
  }));
  assertEquals(log, ["protected ones ran"]);
});

Deno.test("a parent's cancellation reaches children, whose Cancelled is the same object", async () => {
  const seen: unknown[] = [];
  const cause = new Error("E");
  const child = (sw: Switch) =>
    sw.run((child) => child.run((inner) => Fiber.awaitCancel(inner.signal)))
      .catch((error) => {
        seen.push(error);
        throw error;
      });
  const run = Switch.run((sw) => {
    sw.fork(() => child(sw));
    sw.fork(() => child(sw));
    sw.fail(cause);
  });
  assertStrictEquals(await rejectionOf(run), cause);
  const [first, second] = seen;
  assert(first instanceof Cancelled);
  assertStrictEquals(first.cause, cause);
  assertStrictEquals(second, first);
});

Deno.test("a child's failure reaches the parent only by being thrown", async () => {
  const log: string[] = [];
  const error = new Error("E1");
  await Switch.run(async (sw) => {
    sw.fork(() => sw.run(() => Promise.reject(error)).catch((e) => void log.push(e.message)));
    sw.fork(() => sw.run(() => Promise.resolve()));
    await Fiber.yield();
    log.push("parent goes on");
  });
  assertEquals(log, ["E1", "parent goes on"]);
});

Deno.test("a child can be failed from outside without harm to its parent", async () => {
  const log: string[] = [];
  await Switch.run(async (sw) => {
    let child: Switch | undefined;
    sw.fork(() =>
      sw.run((inner) => {
        child = inner;
        return Fiber.awaitCancel(inner.signal);
      }).catch((error) => void log.push(error.message))
    );
    child?.fail(new Error("E"));
    await Fiber.yield();
    log.push("parent goes on");
  });
  assertEquals(log, ["E", "parent goes on"]);
});

Deno.test("a child's failure that is thrown on fails the parent", async () => {
  const log: string[] = [];
  const error = new Error("E");
  const run = Switch.run(async (sw) => {
    sw.fork(() => sw.run(() => Promise.reject(error)));
    await Fiber.yield(sw.signal);
    log.push("BUG");
  });
  assertStrictEquals(await rejectionOf(run), error);
  assertEquals(log, []);
});

Deno.test("an error during the clean-up of a child is joined to the first failure", async () => {
  const run = Switch.run((sw) => {
    sw.fork(() =>
      sw.run(async (child) => {
        await Fiber.awaitCancel(child.signal).catch(() => {});
        throw new Error("cleanup failed");
      })
    );
    sw.fork(() => Promise.reject(new Error("E")));
  });
  await assertFails(run, "2 errors:\n- E\n- cleanup failed");
});

Deno.test("a switch waits for a child that nobody awaits, and its error is nobody's", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.run(() => promise);
    Switch.run(() => promise, { signal: sw.signal });
  });
  assertEquals(await stateOf(run), "open");
  reject(new Error("hidden"));
  await run;
});

Deno.test("a shielded child, and all below it, is not reached by a cancellation", async () => {
  const run = Switch.run(async (sw) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const shielded = sw.run(
      (child) =>
        child.run(async (inner) => {
          await promise;
          child.check();
          inner.check();
          return inner.signal.aborted;
        }),
      { protect: true },
    );
    sw.fail(new Error("E"));
    resolve();
    assertEquals(await shielded, false);
  });
  await assertFails(run, "E");
});

Deno.test("a cancellation marks the whole tree before it calls anybody back", async () => {
  const seen: boolean[] = [];
  await rejectionOf(Switch.run((sw) => {
    const all: Switch[] = [sw];
    const note = () => void seen.push(all.every((each) => each.error !== undefined));
    sw.onCancel(note);
    for (const _ of [1, 2]) {
      sw.run((child) => {
        all.push(child);
        child.onCancel(note);
        return Fiber.awaitCancel(child.signal);
      });
    }
    sw.fail(new Error("E"));
  }));
  assertEquals(seen, [true, true, true]);
});

Deno.test("cancel callbacks run children first, each in the order of registration", async () => {
  const log: string[] = [];
  await rejectionOf(Switch.run((sw) => {
    sw.onCancel(() => log.push("parent 1"));
    for (const name of ["a", "b"]) {
      sw.run((child) => {
        child.onCancel(() => log.push(`${name} 1`));
        child.run((inner) => {
          inner.onCancel(() => log.push(`${name} inner`));
          return Fiber.awaitCancel(inner.signal);
        });
        child.onCancel(() => log.push(`${name} 2`));
        return Fiber.awaitCancel(child.signal);
      });
    }
    sw.onCancel(() => log.push("parent 2"));
    sw.fail(new Error("E"));
    log.push("fail returns");
  }));
  assertEquals(log, [
    ...["a inner", "a 1", "a 2", "b inner", "b 1", "b 2", "parent 1", "parent 2"],
    "fail returns",
  ]);
});

Deno.test("cancel callbacks all run, and what they throw is joined to the failure", async () => {
  const log: string[] = [];
  const run = Switch.run((sw) => {
    sw.run((child) => {
      child.onCancel(() => {
        throw new Error("child's callback");
      });
      return new Promise<void>((resolve) => void child.onCancel(() => resolve()));
    });
    sw.onCancel(() => {
      throw new Error("parent's callback");
    });
    sw.onCancel(() => void log.push("last"));
    sw.fail(new Error("E"));
  });
  const joined = await rejectionOf(run);
  assert(joined instanceof MultipleErrors);
  const messages = joined.errors.map(({ message }) => message);
  assertEquals(messages, ["E", "child's callback", "parent's callback"]);
  assertEquals(log, ["last"]);
});

Deno.test("what callbacks throw when a foreign signal is aborted fails the switch", async () => {
  const controller = new AbortController();
  const run = Switch.run((sw) => {
    sw.onCancel(() => {
      throw new Error("callback");
    });
    controller.abort();
  }, { signal: controller.signal });
  await assertFails(run, "callback");
});

Deno.test("a second failure does not change why the switch is cancelled", async () => {
  await rejectionOf(Switch.run((sw) => {
    sw.fail(new Error("E"));
    const first = sw.error;
    sw.fail(new Error("F"));
    assertStrictEquals(sw.error, first);
  }));
});

Deno.test("sw.onCancel() calls back once, or not at all after remove()", async () => {
  const log: string[] = [];
  await rejectionOf(Switch.run((sw) => {
    const used = sw.onCancel(() => log.push("used"));
    const removed = sw.onCancel(() => log.push("BUG"));
    assertEquals([removed.remove(), removed.remove()], [true, false]);
    sw.fail(new Error("E"));
    sw.fail(new Error("F"));
    assertEquals(used.remove(), false);
  }));
  assertEquals(log, ["used"]);
});

Deno.test("sw.onCancel() calls back at once when the switch is cancelled or finished", async () => {
  const reasons: unknown[] = [];
  const finished = await Switch.run((sw) => sw);
  finished.onCancel((reason) => reasons.push(reason));
  await rejectionOf(Switch.run((sw) => {
    sw.fail(new Error("E"));
    sw.onCancel((reason) => reasons.push(reason));
    assertStrictEquals(reasons[1], sw.error);
  }));
  assert(reasons[0] instanceof Cancelled && reasons[0].cause instanceof TypeError);
});

Deno.test("sw.onCancel() can be removed by another callback of the same cancellation", async () => {
  const log: string[] = [];
  await rejectionOf(Switch.run((sw) => {
    sw.onCancel(() => void later.remove());
    const later = sw.onCancel(() => log.push("BUG"));
    sw.fail(new Error("E"));
  }));
  assertEquals(log, []);
});

Deno.test("a foreign AbortError is a cancellation only in a switch that is cancelled", async () => {
  const abortError = new DOMException("gone", "AbortError");
  assertStrictEquals(await rejectionOf(Switch.run(() => Promise.reject(abortError))), abortError);
  const controller = new AbortController();
  const run = Switch.run(async () => {
    controller.abort("left");
    await Promise.reject(abortError);
  }, { signal: controller.signal });
  await assertRejects(() => run, Cancelled, "Cancelled: left");
  const failed = Switch.run((sw) => {
    sw.fail(new Error("E"));
    throw abortError;
  });
  await assertFails(failed, "E");
});

Deno.test("a platform API that is given the signal rejects with our Cancelled", async () => {
  await rejectionOf(Switch.run(async (sw) => {
    const { signal } = sw;
    const pipe = new ReadableStream().pipeTo(new WritableStream(), { signal });
    sw.fail(new Error("E"));
    assertStrictEquals(await rejectionOf(pipe), sw.error);
  }));
});

Deno.test("a tree deeper than the stack can be cancelled", async () => {
  const depth = 20_000;
  const { promise: bottom, resolve } = Promise.withResolvers<void>();
  let deepest: Switch | undefined;
  const run = Switch.run(async (root) => {
    let sw = root;
    for (let i = 0; i < depth; i++) {
      await new Promise<void>((next) => {
        sw.run((child) => {
          deepest = sw = child;
          next();
          return bottom;
        });
      });
    }
    root.fail(new Error("E"));
    assert(deepest?.error instanceof Cancelled);
    resolve();
  });
  await assertFails(run, "E");
});

Deno.test("onAbort() waits on any signal, and leaves no listener behind", () => {
  const { controller, signal, listeners } = countedSignal();
  const log: string[] = [];
  const removed = onAbort(signal, () => log.push("BUG"));
  onAbort(signal, ({ cause }) => log.push(String(cause)));
  assertEquals([removed.remove(), removed.remove()], [true, false]);
  controller.abort("left");
  const late = onAbort(signal, ({ cause }) => log.push(`late: ${cause}`));
  assertEquals(late.remove(), false);
  assertEquals(log, ["left", "late: left"]);
  assertEquals(listeners.size, 0);
});

Deno.test("onAbort() gives all who wait on one signal the same Cancelled", () => {
  const controller = new AbortController();
  const reasons: Cancelled[] = [];
  for (let i = 0; i < 2; i++) onAbort(controller.signal, (reason) => reasons.push(reason));
  controller.abort("left");
  onAbort(controller.signal, (reason) => reasons.push(reason));
  const [first, ...others] = reasons;
  assertEquals([first?.cause, others.length], ["left", 2]);
  for (const other of others) assertStrictEquals(other, first);
});

Deno.test("onAbort() on the signal of a switch takes no listener", async () => {
  await rejectionOf(Switch.run(async (sw) => {
    const reasons: unknown[] = [];
    onAbort(sw.signal, (reason) => reasons.push(reason));
    sw.signal.addEventListener = () => reasons.push("BUG");
    sw.fail(new Error("E"));
    await turn();
    assertEquals(reasons, [sw.error]);
  }));
});
