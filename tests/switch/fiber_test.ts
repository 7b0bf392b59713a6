import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { assertFails, rejectionOf, stateOf } from "./helpers.ts";

Deno.test("Fiber.protect() returns the value of its function, or throws its error", async () => {
  assertEquals(await Fiber.protect(() => 1), 1);
  assertEquals(await Fiber.protect(() => Promise.resolve(2)), 2);
  const error = new Error("E");
  assertStrictEquals(await rejectionOf(Fiber.protect(() => Promise.reject(error))), error);
});

Deno.test("Fiber.protect() is not reached by a cancellation, and gives its result after it", async () => {
  const log: string[] = [];
  const run = Switch.run(async (sw) => {
    sw.fork(async (outer) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const guarded = Fiber.protect(async (signal) => {
        const value = await promise;
        return `${value} ${signal.aborted}`;
      });
      sw.fail(new Error("E"));
      resolve("restored");
      log.push(await guarded);
      await Fiber.yield(outer);
      log.push("BUG");
    });
    await Fiber.yield();
  });
  await assertFails(run, "E");
  assertEquals(log, ["restored false"]);
});

Deno.test("Fiber.awaitCancel() waits until the switch is cancelled, and rejects with its Cancelled", async () => {
  await rejectionOf(Switch.run(async (sw) => {
    const waiting = Fiber.awaitCancel(sw.signal);
    assertEquals(await stateOf(waiting), "open");
    sw.fail(new Error("E"));
    assertStrictEquals(await rejectionOf(waiting), sw.error);
    assertStrictEquals(await rejectionOf(Fiber.awaitCancel(sw.signal)), sw.error);
  }));
});

Deno.test("Fiber.awaitCancel() on a foreign signal rejects with a Cancelled", async () => {
  const controller = new AbortController();
  const waiting = Fiber.awaitCancel(controller.signal);
  const cause = new Error("left");
  controller.abort(cause);
  const cancelled = await rejectionOf(waiting);
  assert(cancelled instanceof Cancelled);
  assertStrictEquals(cancelled.cause, cause);
});

Deno.test("Fiber.yield() looks for a cancellation when it resumes", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  await Fiber.yield();
  await Fiber.yield(signal);
  const yielding = Fiber.yield(signal);
  controller.abort("left");
  await assertRejects(() => yielding, Cancelled, "Cancelled: left");
  await Fiber.yield(); // without a signal it asks nobody
});

Deno.test("a fiber that yields for ever lets messages in", async () => {
  const { port1, port2 } = new MessageChannel();
  let isReceived = false;
  port1.onmessage = () => isReceived = true;
  port2.postMessage("in");
  while (!isReceived) await Fiber.yield();
  port1.close();
  port2.close();
});

Deno.test("a fiber that yields for ever lets sockets in", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  let isConnected = false;
  await Switch.run(async (sw) => {
    sw.fork(async () => {
      using _accepted = await listener.accept();
      isConnected = true;
    });
    using _conn = await Deno.connect({ port, hostname: "127.0.0.1" });
    while (!isConnected) await Fiber.yield();
  });
});
