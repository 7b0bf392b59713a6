import { assert, assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import {
  addContext,
  Cancelled,
  ContextError,
  Fiber,
  findCause,
  MultipleErrors,
  Switch,
  withContext,
} from "../../src/switch/mod.ts";
import { rejectionOf } from "./helpers.ts";

const E = new RangeError("E");

function failing(error: unknown, context: string): () => Promise<never> {
  return () => withContext(() => Promise.reject(error), context);
}

Deno.test("withContext() returns what its function returned", async () => {
  assertEquals(await withContext(() => 1, "counting"), 1);
  assertEquals(await withContext(() => Promise.resolve(2), "counting"), 2);
});

Deno.test("context is added on the way up, and shown with the oldest last", async () => {
  const outer = "handling connection from 127.0.0.1:1234";
  const error = await rejectionOf(withContext(failing(E, "reading"), outer));
  assert(error instanceof ContextError);
  assertEquals(error.message, `${outer}: reading: E`);
  assertEquals(error.context, outer);

  const shown = Deno.inspect(error);
  const places = [outer, "reading: E", "RangeError: E"].map((text) => shown.lastIndexOf(text));
  assert(places.every((place, i) => place > (places[i - 1] ?? -1)), shown);
});

Deno.test("an error keeps its causes and its class under its context", async () => {
  const E1 = new Error("E1", { cause: E });
  const error = await rejectionOf(failing(E1, "reading")());
  assert(error instanceof ContextError);
  assertStrictEquals(error.cause, E1);
  assertStrictEquals(findCause(error, RangeError), E);
  assertEquals(findCause(error, TypeError), undefined);
});

Deno.test("context leaves the error alone, for the others who meet it", async () => {
  const [a, b] = await Promise.all([failing(E, "a")(), failing(E, "b")()].map(rejectionOf));
  assertEquals([a, b].map((error) => (error as Error).message), ["a: E", "b: E"]);
  assertEquals(E.message, "E");
});

Deno.test("anything that can be thrown can be given context", () => {
  const error = addContext("just text", "reading");
  assert(error instanceof ContextError);
  assertEquals([error.message, error.cause], ["reading: just text", "just text"]);
});

Deno.test("a cancellation passes through context as it is", async () => {
  const cancelled = new Cancelled("enough");
  assertStrictEquals(await rejectionOf(failing(cancelled, "reading")()), cancelled);
  const abort = new DOMException("gone", "AbortError");
  assertStrictEquals(await rejectionOf(failing(abort, "reading")()), abort);

  const run = Switch.run((sw) => {
    sw.fork((signal) => withContext(() => Fiber.awaitCancel(signal), "waiting"));
    sw.fail(E);
  });
  assertStrictEquals(await rejectionOf(run), E);
});

Deno.test("an error that comes twice, in whatever context, is reported once", async () => {
  const run = Switch.run((sw) => {
    sw.fail(addContext(E, "a"));
    sw.fail(addContext(E, "b"));
    sw.fail(E);
  });
  const error = await rejectionOf(run);
  assert(error instanceof ContextError);
  assertStrictEquals(error.message, "a: E");
});

Deno.test("errors that were joined keep their context when they are joined again", async () => {
  const [E1, E2] = [new Error("E1"), new Error("E2")];
  const inner = () =>
    Switch.run((sw) => {
      sw.fail(E);
      throw E1;
    });
  const outer = (more: readonly Error[]) =>
    Switch.run((sw) => {
      for (const error of more) sw.fail(error);
      return Fiber.protect(() => withContext(() => withContext(inner, "inner"), "outer"));
    });
  const alone = await rejectionOf(outer([]));
  assert(alone instanceof ContextError);
  assertStringIncludes(alone.message, "outer: inner: 2 errors:\n- E\n- E1");

  const joined = await rejectionOf(outer([E2, E]));
  assert(joined instanceof MultipleErrors);
  assertEquals(joined.errors.map(({ message }) => message), ["E2", "E", "outer: inner: E1"]);
});

Deno.test("findCause() ends where causes run in a circle", () => {
  const error = new Error("a");
  error.cause = new Error("b", { cause: error });
  assertEquals(findCause(error, RangeError), undefined);
});
