import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Deferred } from "../../src/switch/mod.ts";
import { countedSignal, rejectionOf, turn } from "./helpers.ts";

const E = new Error("E");

Deno.test("a deferred value can be looked at without waiting", () => {
  const value = new Deferred<number>();
  assertEquals(value.state, { kind: "pending" });
  value.resolve(1);
  assertEquals(value.state, { kind: "resolved", value: 1 });
  const error = new Deferred<number>();
  error.reject(E);
  assertEquals(error.state, { kind: "rejected", error: E });
});

Deno.test("a deferred value is settled once", async () => {
  const deferred = new Deferred<number>({ label: "port" });
  assertEquals(deferred.tryResolve(1), true);
  assertEquals([deferred.tryResolve(2), deferred.tryReject(E)], [false, false]);
  const message = 'the deferred value "port": it is resolved already';
  assertThrows(() => deferred.resolve(2), TypeError, `Cannot resolve ${message}`);
  assertThrows(() => deferred.reject(E), TypeError, `Cannot reject ${message}`);
  assertEquals(await deferred.wait(), 1);
});

Deno.test("those who wait for a deferred value go on in their order", async () => {
  const deferred = new Deferred<string>();
  const log: string[] = [];
  const waits = ["a", "b", "c"].map(async (name, i) => {
    await (i === 1 ? deferred.promise : deferred.wait());
    log.push(name);
  });
  deferred.resolve("x");
  await Promise.all(waits);
  assertEquals(log, ["a", "b", "c"]);
});

Deno.test("a wait for a value that has not come is cancelled, and leaves no listener", async () => {
  const { controller, signal, listeners } = countedSignal();
  const deferred = new Deferred<number>();
  controller.abort("enough");
  const error = await rejectionOf(deferred.wait({ signal }));
  assert(error instanceof Cancelled);
  assertEquals(listeners.size, 0);
});

Deno.test("a value that has come is given without a look at the signal", async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  assertEquals(await deferred.wait({ signal: AbortSignal.abort() }), 1);
});

Deno.test("a deferred error that nobody waits for is not reported", async () => {
  const deferred = new Deferred<number>();
  deferred.reject(E);
  await turn(); // an unhandled rejection would fail the test
  assertStrictEquals(await rejectionOf(deferred.wait()), E);
  assertStrictEquals(await rejectionOf(deferred.promise), E);
});
