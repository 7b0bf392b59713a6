import { assertEquals } from "@std/assert";
import { formatTree, Observer, onAbort, Switch } from "../../src/switch/mod.ts";
import { rejectionOf, turn } from "./helpers.ts";

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

Deno.test("sw.inspect() tells what is waited for, until the wait is over", async () => {
  await Switch.run((sw) => {
    const described: string[] = [];
    const label = {
      toString() {
        described.push("described");
        return "Semaphore connections";
      },
    };
    const waits = [onAbort(sw.signal, () => {}, "sleep 5 ms"), sw.onCancel(() => {}, label)];
    sw.onCancel(() => {}); // whoever has no label does not wait
    assertEquals(described, []);
    assertEquals(sw.inspect().waitsFor, ["sleep 5 ms", "Semaphore connections"]);
    waits[0]?.remove();
    assertEquals(sw.inspect().waitsFor, ["Semaphore connections"]);
    waits[1]?.remove();
    assertEquals(sw.inspect().waitsFor, []);
  });
});

Deno.test("sw.inspect() tells which release runs, of how many", async () => {
  const seen: (readonly string[])[] = [];
  await Switch.run((sw) => {
    const look = () => void seen.push(sw.inspect().waitsFor);
    sw.onRelease(look);
    sw.onRelease(look);
    look();
  });
  assertEquals(seen, [[], ["release 1 of 2"], ["release 2 of 2"]]);
});

Deno.test("sw.inspect() names no release while it waits for a fiber that one has forked", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let root: Switch | undefined;
  const run = Switch.run((sw) => {
    root = sw;
    sw.onRelease(() => sw.fork(() => promise));
  });
  await turn();
  assertEquals([root?.inspect().waitsFor, root?.inspect().fibers.length], [[], 1]);
  resolve();
  await run;
});

Deno.test("Deno.inspect() shows a switch as a tree in columns", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let ms = 0;
  let shown = "";
  const observer = new Observer({ monotonic: () => ms });
  const run = Switch.run((sw) => {
    sw.fork(function accept(signal) {
      onAbort(signal, () => {}, "accept on 127.0.0.1:8080");
      return promise;
    });
    sw.run((child) => {
      for (let i = 0; i < 3; i++) onAbort(child.signal, () => {}, "Semaphore connections");
      child.fork(() => promise);
    }, { name: "client 1", protect: true });
    ms = 12_340;
    sw.forkDaemon(function reaper() {
      return promise;
    });
    sw.fail(new Error("the disk is full"));
    ms = 12_345;
    shown = Deno.inspect(sw);
    resolve();
  }, { name: "server", observer });
  await rejectionOf(run);
  assertEquals(`\n${shown}`, TREE);
});

const TREE = `
switch server       cancelling     12.3 s  the disk is full
├─ fiber accept                    12.3 s
├─ daemon reaper                     5 ms
└─ switch client 1  on, protected  12.3 s  3 × Semaphore connections
   └─ fiber                        12.3 s`;

Deno.test("formatTree() shows an empty switch as one line, without columns that are empty", async () => {
  const sw = await Switch.run((sw) => sw);
  assertEquals(formatTree(sw.inspect()), "switch  finished");
});
