import { assertEquals } from "@std/assert";
import { Switch } from "../../src/switch/mod.ts";
import { rejectionOf } from "./helpers.ts";

Deno.test("sw.inspect() tells the whole tree as plain data", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await Switch.run((sw) => {
    sw.onRelease(() => {});
    sw.fork(function reader() {
      return promise;
    });
    sw.forkPromise(function answer() {
      return promise;
    });
    sw.forkDaemon(function reaper() {
      return promise;
    });
    sw.run(() => promise, { name: "child" });
    sw.run((child) => child.run(() => promise, { name: "inner" }), { protect: true });
    const quiet = {
      ...{ state: "on", protected: false, fibers: [], daemons: [], releases: 0, children: [] },
      waitsFor: [],
    };
    const info = sw.inspect();
    assertEquals<unknown>(info, {
      name: "root",
      state: "on",
      protected: false,
      waitsFor: [],
      fibers: [
        { name: "reader", kind: "fork", waitsFor: [] },
        { name: "answer", kind: "promise", waitsFor: [] },
      ],
      daemons: [{ name: "reaper", kind: "daemon", waitsFor: [] }],
      releases: 1,
      children: [
        { ...quiet, name: "child" },
        { ...quiet, name: "", protected: true, children: [{ ...quiet, name: "inner" }] },
      ],
    });
    assertEquals(JSON.parse(JSON.stringify(info)), info);
    resolve();
  }, { name: "root" });
});

Deno.test("sw.inspect() tells why a switch is being cancelled, and which are not", async () => {
  await rejectionOf(Switch.run(async (sw) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sw.run(() => promise);
    sw.run(() => promise, { protect: true });
    sw.fail(new Error("left"));
    const { state, error, children } = sw.inspect();
    assertEquals([state, error], ["cancelling", "left"]);
    assertEquals(children.map(({ state }) => state), ["cancelling", "on"]);
    assertEquals(children.map(({ error }) => error), ["left", undefined]);
    await resolve();
  }));
});

Deno.test("sw.inspect() of a finished switch shows nothing left", async () => {
  const sw = await Switch.run((sw) => {
    sw.fork(() => Promise.resolve());
    sw.onRelease(() => {});
    return sw;
  });
  const { state, fibers, daemons, releases, children } = sw.inspect();
  assertEquals({ state, fibers, daemons, releases, children }, {
    ...{ state: "finished", fibers: [], daemons: [], releases: 0, children: [] },
  });
});
