import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Cancelled, Fiber, MultipleErrors, Switch } from "../../src/switch/mod.ts";
import { countedSignal, rejectionOf, stateOf } from "./helpers.ts";

const E = new Error("E");

function fail(error: unknown): never {
  throw error;
}

Deno.test("Fiber.pair() returns both results, in order", async () => {
  const slow = async () => {
    await Fiber.yield();
    return "a";
  };
  assertEquals(await Fiber.pair(slow, () => "b"), ["a", "b"]);
});

Deno.test("Fiber.all() returns the results in the order of the functions", async () => {
  const first = Promise.withResolvers<number>();
  const results = Fiber.all([() => first.promise, () => "b", () => Promise.resolve(true)]);
  assertEquals(await stateOf(results), "open");
  first.resolve(1);
  const typed: [number, string, boolean] = await results;
  assertEquals(typed, [1, "b", true]);
});

Deno.test("Fiber.all() of nothing returns, even when it is cancelled", async () => {
  assertEquals(await Fiber.all([], { signal: AbortSignal.abort() }), []);
});

Deno.test("Fiber.both() runs its functions in turns", async () => {
  const log: string[] = [];
  const loop = (name: string) => async () => {
    for (const i of [1, 2]) {
      log.push(`${name}${i}`);
      await Fiber.yield();
    }
  };
  await Fiber.both(loop("i"), loop("j"));
  assertEquals(log, ["i1", "j1", "i2", "j2"]);
});

Deno.test("a failure cancels the other function at its next wait", async () => {
  const log: string[] = [];
  const loop = async (signal: AbortSignal) => {
    for (let i = 1; i <= 5; i++) {
      log.push(`i${i}`);
      await Fiber.yield(signal);
    }
  };
  const error = await rejectionOf(Fiber.both(loop, () => fail(E)));
  assertStrictEquals(error, E);
  assertEquals(log, ["i1"]);
});

for (const kind of ["throws", "is rejected"] as const) {
  Deno.test(`nothing is started after a function that ${kind} before its first wait`, async () => {
    const log: string[] = [];
    const failing = kind === "throws" ? () => fail(E) : () => Promise.reject(E);
    const second = () => void log.push("second");
    assertStrictEquals(await rejectionOf(Fiber.both(failing, second)), E);
    assertStrictEquals(await rejectionOf(Fiber.all([failing, second, second])), E);
    assertStrictEquals(await rejectionOf(Fiber.map([failing, second], (fn) => fn())), E);
    assertEquals(log, []);
  });
}

Deno.test("failures of functions that nothing cancels are joined, oldest first", async () => {
  const [E1, E2] = [new Error("E1"), new Error("E2")];
  const shielded = (error: Error) => async () => {
    await Fiber.protect(() => Fiber.yield());
    throw error;
  };
  const error = await rejectionOf(Fiber.both(shielded(E1), shielded(E2)));
  assert(error instanceof MultipleErrors);
  assertEquals(error.errors, [E1, E2]);
});

Deno.test("a cancelled function sees why, and the failure is thrown as it is", async () => {
  const caught: unknown[] = [];
  const never = (signal: AbortSignal) =>
    Fiber.awaitCancel(signal).catch((error) => {
      caught.push(error);
      throw error;
    });
  assertStrictEquals(await rejectionOf(Fiber.both(never, () => fail(E))), E);
  const [cancelled] = caught;
  assert(cancelled instanceof Cancelled);
  assertStrictEquals(cancelled.cause, E);
});

Deno.test("a failure reaches a race in the other function", async () => {
  const never = (signal: AbortSignal) =>
    Fiber.first(Fiber.awaitCancel, Fiber.awaitCancel, { signal });
  assertStrictEquals(await rejectionOf(Fiber.both(never, () => fail(E))), E);
});

Deno.test("fibers run at once, those of a pair before what was queued earlier", async () => {
  for (const together of [Fiber.both, Fiber.first]) {
    const log: string[] = [];
    await Switch.run(async (sw) => {
      sw.fork(async () => {
        log.push("E");
        await Fiber.yield();
        log.push("Q");
      });
      await together(() => void log.push("b1"), () => void log.push("b2"));
    });
    assertEquals(log, ["E", "b1", "b2", "Q"]);
  }
});

Deno.test("Fiber.all() returns only when each function has ended", async () => {
  const end = Promise.withResolvers<void>();
  const run = Fiber.all([() => end.promise, () => fail(E)]);
  assertEquals(await stateOf(run), "open");
  end.resolve();
  assertStrictEquals(await rejectionOf(run), E);
});

Deno.test("Fiber.all() is cancelled by its signal, and leaves no listener on it", async () => {
  const { controller, signal, listeners } = countedSignal();
  const run = Fiber.all([Fiber.awaitCancel, Fiber.awaitCancel], { signal });
  assertEquals(listeners.size, 1);
  controller.abort("enough");
  const error = await rejectionOf(run);
  assert(error instanceof Cancelled);
  assertEquals([error.cause, listeners.size], ["enough", 0]);
});

Deno.test("Fiber.all() that is cancelled while it starts its functions throws", async () => {
  const controller = new AbortController();
  const log: string[] = [];
  const run = Fiber.all([() => controller.abort("enough"), () => log.push("second")], controller);
  const error = await rejectionOf(run);
  assert(error instanceof Cancelled);
  assertEquals([error.cause, log], ["enough", []]);
});

Deno.test("results of functions that have all returned are given, though it was cancelled", async () => {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
    return "done";
  };
  assertEquals(await Fiber.all([() => "a", abort], controller), ["a", "done"]);
  const late = async () => {
    await Fiber.yield();
    return "late";
  };
  const another = new AbortController();
  const run = Fiber.all([late, late], another);
  another.abort();
  assert(await rejectionOf(run) instanceof Cancelled, "the second was not started");
});

Deno.test("what has a member called then, but is no promise, is a result", async () => {
  const odd = { then: "next" };
  assertEquals(await Fiber.map([odd], (item) => item, { maxFibers: 1 }), [odd]);
});

Deno.test("fibers together are known by the names of their functions", async () => {
  const names = (sw: Switch) =>
    sw.inspect().children.map(({ name, fibers }) => [name, ...fibers.map(({ name }) => name)]);
  const accept = (signal: AbortSignal) => Fiber.awaitCancel(signal);
  const fetchPage = (_page: number) => Fiber.yield();
  await rejectionOf(Switch.run(async (sw) => {
    sw.fork(() => Fiber.all([accept], sw));
    sw.fork(() => Fiber.any([accept], { signal: sw.signal }));
    await Promise.resolve();
    assertEquals(names(sw), [["all", "accept"], ["any", "accept"]]);
    sw.fork(() => Fiber.map([1], fetchPage, { signal: sw.signal, name: "pages" }));
    assertEquals(names(sw).at(-1), ["pages", "fetchPage"]);
    sw.fail(E);
  }));
});

Deno.test("a signal is made only for a function that takes it", async () => {
  const seen: number[] = [];
  await Fiber.all([
    (...args: unknown[]) => seen.push(args.length),
    (signal) => seen.push(signal instanceof AbortSignal ? 1 : -1),
  ]);
  assertEquals(seen, [0, 1]);
});
