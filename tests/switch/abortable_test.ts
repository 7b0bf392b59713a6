import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { abortable, Cancelled, Switch } from "../../src/switch/mod.ts";
import { countedSignal, rejectionOf } from "./helpers.ts";

const E = new Error("E");

Deno.test("abortable() settles as its promise does, and leaves no listener", async () => {
  const { signal, listeners } = countedSignal();
  const { promise, resolve } = Promise.withResolvers<number>();
  const waiting = abortable(promise, signal);
  assertEquals(listeners.size, 1);
  resolve(1);
  assertEquals(await waiting, 1);
  assertEquals(listeners.size, 0);
  assertStrictEquals(await rejectionOf(abortable(Promise.reject(E), signal)), E);
  assertEquals(listeners.size, 0);
});

Deno.test("abortable() rejects when the signal is aborted, and leaves its promise alone", async () => {
  const { controller, signal, listeners } = countedSignal();
  const { promise, resolve } = Promise.withResolvers<number>();
  const waiting = abortable(promise, signal);
  controller.abort("enough");
  const error = await rejectionOf(waiting);
  assert(error instanceof Cancelled);
  assertEquals([error.cause, listeners.size], ["enough", 0]);
  resolve(1);
  assertEquals(await promise, 1);
});

Deno.test("a failure that comes after the abort is not reported", async () => {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<number>();
  const waiting = abortable(promise, controller.signal);
  controller.abort();
  await rejectionOf(waiting);
  reject(E); // an unhandled rejection would fail the test
});

Deno.test("a promise that has settled beats an abort, whichever came first", async () => {
  const { controller, signal } = countedSignal();
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = abortable(promise, signal);
  resolve("mine");
  controller.abort();
  assertEquals(await waiting, "mine");
  assertEquals(await abortable(promise, signal), "mine");
  assertStrictEquals(await rejectionOf(abortable(Promise.reject(E), signal)), E);
});

Deno.test("abortable() by an aborted signal does not wait", async () => {
  const signal = AbortSignal.abort("enough");
  const error = await rejectionOf(abortable(new Promise(() => {}), signal));
  assert(error instanceof Cancelled);
});

Deno.test("abortable() takes whatever can be awaited, and does without a signal", async () => {
  const thenable: PromiseLike<number> = {
    then: (resolve) => Promise.resolve(resolve!(1)) as never,
  };
  assertEquals(await abortable(thenable), 1);
  assertEquals(await abortable(thenable, new AbortController().signal), 1);
});

Deno.test("abortable() says what is waited for", async () => {
  await Switch.run(async (sw) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = abortable(promise, sw.signal, "the bus");
    assertEquals(sw.inspect().waitsFor, ["the bus"]);
    resolve();
    await waiting;
    assertEquals(sw.inspect().waitsFor, []);
  });
});
