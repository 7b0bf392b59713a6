import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Fiber, Observer, onAbort, Switch, Trace, wake } from "../../src/switch/mod.ts";
import { rejectionOf, stateOf } from "./helpers.ts";
import { Program, scripts } from "./laws_program.ts";

/** A clock that is moved by hand. */
class Hand {
  ms = 0;

  monotonic(): number {
    return this.ms;
  }
}

Deno.test("an observer changes nothing: laws 1 to 6 hold in trees that are observed", async () => {
  const choices = fc.array(fc.nat(), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(scripts, choices, fc.nat({ max: 80 }), async (...program) => {
      const trace = new Trace(new Hand());
      await new Program(trace).run(...program);
      assertEquals(unbalanced(trace), []);
    }),
    { numRuns: 1000 },
  );
});

/** What has begun and not ended, or ended and not begun, or twice. */
function unbalanced({ events }: Trace): string[] {
  const open = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    const key = `${event.id} ${"wait" in event ? event.wait : "nth" in event ? event.nth : ""}`;
    const isBegin = ["open", "fork", "wait", "release"].includes(event.kind);
    if (event.kind === "cancel") continue;
    if (isBegin ? open.has(key) : !open.delete(key)) wrong.push(`${event.kind} ${key}`);
    if (isBegin) open.add(key);
  }
  return [...wrong, ...open];
}

Deno.test("an observer is inherited by all that runs below, however it is opened", async () => {
  const trace = new Trace(new Hand());
  await Switch.run(async (sw) => {
    await sw.run(() => {}, { name: "by the switch" });
    await Switch.run(() => {}, { name: "by the signal", signal: sw.signal });
    await sw.run((sw) => sw.run(() => {}, { name: "deeper" }), { protect: true });
    await Switch.run(() => {}, { name: "elsewhere" });
  }, { observer: trace, name: "root" });
  const names = trace.events.filter(({ kind }) => kind === "open").map(({ name }) => name);
  assertEquals(names, ["root", "by the switch", "by the signal", "", "deeper"]);
});

Deno.test("a switch with an observer of its own is not watched by that above", async () => {
  const [outer, inner] = [new Trace(new Hand()), new Trace(new Hand())];
  await Switch.run((sw) => sw.run(() => {}, { observer: inner }), { observer: outer });
  assertEquals([outer.events.length, inner.events.length], [2, 2]);
});

Deno.test("an observer tells the ages of switches and fibers, and since when one is cancelled", async () => {
  const clock = new Hand();
  await rejectionOf(Switch.run(async (sw) => {
    clock.ms = 5;
    sw.fork(() => Fiber.protect(() => Fiber.yield()));
    clock.ms = 7;
    sw.fail(new Error("E"));
    clock.ms = 10;
    const { ageMs, cancelledMs, fibers } = sw.inspect();
    assertEquals([ageMs, cancelledMs, fibers[0]?.ageMs], [10, 3, 5]);
    await Fiber.yield();
  }, { observer: new Observer(clock) }));
});

Deno.test("a wait with the signal of a fiber is that fiber's, with that of the switch the switch's", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wait = async (signal: AbortSignal, what: string) => {
    const registration = onAbort(signal, () => {}, what);
    await promise;
    registration.remove();
  };
  await Switch.run((sw) => {
    sw.fork((signal) => Promise.all([wait(signal, "a"), wait(signal, "b")]));
    sw.forkDaemon((signal) => wait(signal, "c"));
    sw.fork(() => wait(sw.signal, "d"));
    const { waitsFor, fibers, daemons } = sw.inspect();
    assertEquals(waitsFor, ["d"]);
    assertEquals(fibers.map(({ waitsFor }) => waitsFor), [["a", "b"], []]);
    assertEquals(daemons.map(({ waitsFor }) => waitsFor), [["c"]]);
    resolve();
  }, { observer: new Observer(new Hand()) });
});

Deno.test("a wait that outlives its fiber is the switch's", async () => {
  await Switch.run((sw) => {
    sw.fork((signal) => void onAbort(signal, () => {}, "forgotten"));
    return Fiber.yield().then(() => assertEquals(sw.inspect().waitsFor, ["forgotten"]));
  }, { observer: new Observer(new Hand()) });
});

Deno.test("a listener that outlives its observed fiber is called when the switch is cancelled", async () => {
  const aborted: string[] = [];
  await rejectionOf(Switch.run(async (sw) => {
    for (const name of ["a", "b"]) {
      sw.fork((signal) => signal.addEventListener("abort", () => aborted.push(name)));
      await Fiber.yield();
    }
    sw.fail(new Error("E"));
  }, { observer: new Observer(new Hand()) }));
  assertEquals(aborted, ["a", "b"]);
});

Deno.test("the signals of observed fibers are handed on: there are as many as run together", async () => {
  const signals = new Set<AbortSignal>();
  await Switch.run(async (sw) => {
    for (let i = 0; i < 10; i++) {
      sw.fork((signal) => void signals.add(signal));
      sw.fork((signal) => void signals.add(signal));
      await Fiber.yield();
    }
    assert(!signals.has(sw.signal));
  }, { observer: new Observer(new Hand()) });
  assertEquals(signals.size, 2);
});

Deno.test("the fibers of a switch that nobody observes share its signal", async () => {
  await Switch.run((sw) => {
    sw.fork((signal) => assertStrictEquals(signal, sw.signal));
  });
});

Deno.test("wake() resumes at once where nobody puts it off", async () => {
  const seen: string[] = [];
  wake(undefined, (value) => seen.push(value), "no signal");
  wake(new AbortController().signal, (value) => seen.push(value), "a foreign signal");
  await Switch.run((sw) => wake(sw.signal, (value) => seen.push(value), "a switch"));
  await Switch.run((sw) => wake(sw.signal, (value) => seen.push(value), "an observed switch"), {
    observer: new Observer(new Hand()),
  });
  assertEquals(seen, ["no signal", "a foreign signal", "a switch", "an observed switch"]);
});

Deno.test("wake() and a yield wait for an observer that puts wake-ups off", async () => {
  const kept: (() => void)[] = [];
  const observer = new Observer(new Hand(), { defer: (wake) => void kept.push(wake) });
  await Switch.run(async (sw) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    wake(sw.signal, resolve, "an item");
    const yielding = Fiber.yield(sw.signal);
    assertEquals([await stateOf(promise), await stateOf(yielding)], ["open", "open"]);
    kept.splice(0).forEach((wake) => wake());
    assertEquals(await promise, "an item");
    await yielding;
  }, { observer });
});
