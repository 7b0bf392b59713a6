import { assertEquals } from "@std/assert";
import { Switch } from "../../src/switch/mod.ts";
import { rejectionOf, turn } from "./helpers.ts";

/** A log that keeps its warnings, and a clock whose timers are fired by hand. */
class Watcher {
  readonly warnings: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly timers = new Set<() => void>();
  readonly waits: number[] = [];
  readonly clock = {
    setTimer: (ms: number, fn: () => void) => {
      this.waits.push(ms);
      this.timers.add(fn);
      return { cancel: () => void this.timers.delete(fn) };
    },
  };
  readonly log = {
    warn: (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void this.warnings.push({ message, fields }),
  };

  fire(): void {
    for (const fire of [...this.timers]) {
      this.timers.delete(fire);
      fire();
    }
  }

  get options() {
    return { clock: this.clock, log: this.log, afterMs: 5000 };
  }
}

Deno.test("the report of leaks says what a switch still waits for after its body ended", async () => {
  const watcher = new Watcher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.fork(function reader() {
      return promise;
    });
    sw.run((child) => {
      child.onCancel(() => {}, "the bus");
      return promise;
    }, { name: "inner" });
  }, { name: "server", leaks: watcher.options });
  await turn();
  assertEquals(watcher.waits, [5000]);
  watcher.fire();
  resolve();
  await run;
  assertEquals(watcher.warnings, [{
    message: 'Switch "server" has not ended 5000 ms after its body ended',
    fields: {
      waitsFor: ["fork reader", "switch inner", "the bus"],
      tree: [
        "switch server    on",
        "├─ fiber reader",
        "└─ switch inner  on  the bus",
      ].join("\n"),
    },
  }]);
});

Deno.test("the report of leaks counts from the cancellation, if that comes first, and is made once", async () => {
  const watcher = new Watcher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.fail(new Error("E"));
    return promise;
  }, { leaks: watcher.options });
  watcher.fire();
  resolve();
  await rejectionOf(run);
  watcher.fire();
  assertEquals(watcher.warnings.map(({ message }) => message), [
    "A switch has not ended 5000 ms after it was cancelled",
  ]);
  assertEquals(watcher.waits.length, 1);
});

Deno.test("the report of leaks names the release that does not end", async () => {
  const watcher = new Watcher();
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = Switch.run((sw) => {
    sw.onRelease(() => {});
    sw.onRelease(() => promise);
    sw.onRelease(() => {});
  }, { leaks: watcher.options });
  await turn();
  watcher.fire();
  resolve();
  await run;
  assertEquals(watcher.warnings[0]?.fields.waitsFor, ["release 2 of 3"]);
});

Deno.test("the report of leaks says nothing of a switch that ends in time, and leaves no timer", async () => {
  const watcher = new Watcher();
  await Switch.run(async (sw) => {
    sw.fork(turn);
    await turn();
  }, { leaks: watcher.options });
  assertEquals([watcher.timers.size, watcher.warnings.length, watcher.waits.length], [0, 0, 1]);
});
