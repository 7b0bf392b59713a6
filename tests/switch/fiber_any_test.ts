import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { abortable, Cancelled, Fiber, MultipleErrors, Switch } from "../../src/switch/mod.ts";
import { Channel } from "../../src/sync/mod.ts";
import { countedSignal, rejectionOf, stateOf, turn } from "./helpers.ts";

const E = new Error("E");

/** Fails when `error` says so, whatever its signal says. */
function stubborn(error: Error): () => Promise<never> {
  return async () => {
    await turn();
    throw error;
  };
}

Deno.test("Fiber.first() returns what the first to finish returned", async () => {
  const never = new Promise<string>(() => {});
  assertEquals(await Fiber.first(() => "a", (signal) => abortable(never, signal)), "a");
  assertEquals(await Fiber.first((signal) => abortable(never, signal), () => "b"), "b");
});

Deno.test("Fiber.first() keeps the earlier of two results, or combines them", async () => {
  assertEquals(await Fiber.first(() => "a", () => "b"), "a");
  const combine = (_: string, later: string) => later;
  assertEquals(await Fiber.first(() => "a", () => "b", { combine }), "b");
});

Deno.test("Fiber.any() starts every function, also when one has a result at once", async () => {
  const log: number[] = [];
  const result = await Fiber.any([0, 1, 2].map((i) => async (signal: AbortSignal) => {
    log.push(i);
    await Fiber.yield(signal);
    return i;
  }));
  assertEquals(log, [0, 1, 2]);
  assertEquals(result, 0);

  await Fiber.any([0, 1, 2].map((i) => () => log.push(i)));
  assertEquals(log, [0, 1, 2, 0, 1, 2]);
});

Deno.test("Fiber.first() waits for the loser to end", async () => {
  const end = Promise.withResolvers<void>();
  const run = Fiber.first(() => "a", () => end.promise);
  assertEquals(await stateOf(run), "open");
  end.resolve();
  assertEquals(await run, "a");
});

Deno.test("a loser that is cancelled before it could fail is no failure", async () => {
  const result = await Fiber.first(() => "a", async (signal) => {
    await Fiber.yield(signal);
    throw E;
  });
  assertEquals(result, "a");
});

Deno.test("a loser that gives up with the platform's error is no failure", async () => {
  const result = await Fiber.first(() => "a", (signal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
    }));
  assertEquals(result, "a");
});

Deno.test("a loser that fails after the winner turns the race into its error", async () => {
  assertStrictEquals(await rejectionOf(Fiber.first(() => "a", stubborn(E))), E);
});

Deno.test("two failures of a race are joined", async () => {
  const [E1, E2] = [new Error("E1"), new Error("E2")];
  const error = await rejectionOf(Fiber.first(stubborn(E1), stubborn(E2)));
  assert(error instanceof MultipleErrors);
  assertEquals(error.errors, [E1, E2]);
});

Deno.test("a failure loses the race for a later success", async () => {
  const log: string[] = [];
  const run = Fiber.first(() => Promise.reject(E), async () => {
    await turn();
    log.push("late");
    return "b";
  });
  assertStrictEquals(await rejectionOf(run), E);
  assertEquals(log, ["late"]);
});

Deno.test("a function that throws Cancelled by itself fails the race", async () => {
  const own = new Cancelled("Z");
  for (
    const failing of [() => Promise.reject(own), () => {
      throw own;
    }]
  ) {
    assertStrictEquals(await rejectionOf(Fiber.first(failing, () => "b")), own);
  }
});

Deno.test("a race returns its value though it was cancelled meanwhile", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const result = await Switch.run(async (sw) => {
    const value = await Fiber.first(
      () => {
        sw.fail(new Cancelled("too late"));
        controller.abort();
        return "a";
      },
      Fiber.awaitCancel,
      { signal: sw.signal },
    );
    assertEquals(value, "a");
    return await Fiber.first(() => "b", () => "c", { signal: sw.signal }).catch((error) => error);
  }, { signal }).catch((error) => error);
  assert(result instanceof Cancelled, "what comes after the race notices the cancellation");
});

Deno.test("a race is cancelled by its signal, and leaves no listener on it", async () => {
  const { controller, signal, listeners } = countedSignal();
  const run = Fiber.first(Fiber.awaitCancel, Fiber.awaitCancel, { signal });
  assertEquals(listeners.size, 1);
  controller.abort("enough");
  const error = await rejectionOf(run);
  assert(error instanceof Cancelled);
  assertEquals([error.cause, listeners.size], ["enough", 0]);
});

Deno.test("Fiber.any() does not start with an aborted signal", async () => {
  const log: string[] = [];
  const signal = AbortSignal.abort();
  assert(await rejectionOf(Fiber.any([() => log.push("a")], { signal })) instanceof Cancelled);
  assertEquals(log, []);
});

Deno.test("Fiber.any() of nothing waits until it is cancelled", async () => {
  const controller = new AbortController();
  const run = Fiber.any([], controller);
  assertEquals(await stateOf(run), "open");
  controller.abort();
  assert(await rejectionOf(run) instanceof Cancelled);
});

Deno.test("Fiber.nAny() returns the results of all that finished, in that order", async () => {
  const late = async () => {
    await Promise.resolve();
    return "late";
  };
  assertEquals(await Fiber.nAny([late, () => "a", Fiber.awaitCancel, () => "c"]), [
    "a",
    "c",
    "late",
  ]);
});

const join = (earlier: string, later: string) => earlier + later;

Deno.test("a loser that was handed an item before its cancellation wins as well", async () => {
  const channel = new Channel<string>(1);
  const result = await Fiber.first(
    async (signal) => {
      await Fiber.yield(signal);
      channel.tryPut("b");
      return "a";
    },
    (signal) => channel.take({ signal }),
    { combine: join },
  );
  assertEquals([result, channel.length], ["ba", 0]);
});

Deno.test("a loser that is cancelled before it could take an item leaves it", async () => {
  const channel = new Channel<string>(1);
  const result = await Fiber.first(
    async (signal) => {
      channel.tryPut("b");
      await Fiber.yield(signal);
      return "a";
    },
    async (signal) => {
      await Fiber.yield(signal);
      return await channel.take({ signal });
    },
    { combine: join },
  );
  assertEquals([result, channel.length], ["a", 1]);
});
