import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  type CatchableSignal,
  FakeSignals,
  realEnv,
  type SignalListener,
  type Signals,
} from "../../src/env/mod.ts";
import { BufReader } from "../../src/net/mod.ts";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { countedSignal } from "../switch/helpers.ts";

/** Signals, and a way to send one, after which all who listen have heard it. */
interface Subject {
  readonly name: string;
  readonly open: () => { signals: Signals; send: (name: CatchableSignal) => Promise<void> };
}

const subjects: Subject[] = [
  { name: "real", open: () => ({ signals: realEnv().signals, send: sendReal }) },
  {
    name: "fake",
    open: () => {
      const signals = new FakeSignals();
      return { signals, send: (name) => Promise.resolve(void signals.raise(name)) };
    },
  },
];

/** Sends a signal to this process, and waits until a listener of our own has heard it. */
async function sendReal(name: CatchableSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = () => resolve();
  Deno.addSignalListener(name, listener);
  Deno.kill(Deno.pid, name);
  const alive = setInterval(() => {}, 1 << 30); // the platform's listeners do not keep it so
  await promise;
  clearInterval(alive);
  await Fiber.yield();
  Deno.removeSignalListener(name, listener);
}

interface Setting {
  readonly sw: Switch;
  readonly signals: Signals;
  readonly send: (name: CatchableSignal) => Promise<void>;
}

function law(name: string, test: (setting: Setting) => Promise<void>): void {
  for (const subject of subjects) {
    Deno.test(`${subject.name} signals: ${name}`, () =>
      Switch.run((sw) => test({ sw, ...subject.open() })));
  }
}

law("one who waits is woken", async ({ sw, signals, send }) => {
  const listener = signals.on(sw, ["SIGUSR1"]);
  const waiting = listener.next();
  await send("SIGUSR1");
  assertEquals(await waiting, { name: "SIGUSR1", count: 1 });
  assertEquals(listener.pending, 0);
});

law("none is missed between two looks, and each is counted", async ({ sw, signals, send }) => {
  const listener = signals.on(sw, ["SIGUSR1", "SIGUSR2"]);
  await send("SIGUSR2");
  await send("SIGUSR1");
  await send("SIGUSR2");
  assertEquals(listener.pending, 3);
  assertEquals(await listener.next(), { name: "SIGUSR2", count: 2 });
  assertEquals(await listener.next(), { name: "SIGUSR1", count: 1 });
  assertEquals(listener.pending, 0);
});

law("each listener hears what it listens for", async ({ sw, signals, send }) => {
  const one = signals.on(sw, ["SIGUSR1"]);
  const both = signals.on(sw, ["SIGUSR1", "SIGUSR2"]);
  await send("SIGUSR1");
  await send("SIGUSR2");
  assertEquals([one.pending, both.pending], [1, 2]);
});

law("a delivery goes to the one who waits longest, alone", async ({ sw, signals, send }) => {
  const listener = signals.on(sw, ["SIGUSR1"]);
  const [first, second] = [listener.next(), listener.next()];
  await send("SIGUSR1");
  assertEquals(await first, { name: "SIGUSR1", count: 1 });
  await send("SIGUSR1");
  assertEquals(await second, { name: "SIGUSR1", count: 1 });
});

law("a wait that is given up takes no delivery with it", async ({ sw, signals, send }) => {
  const listener = signals.on(sw, ["SIGUSR1"]);
  const controller = new AbortController();
  const given = listener.next({ signal: controller.signal });
  const waiting = listener.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => given, Cancelled, "enough");
  await send("SIGUSR1");
  assertEquals(await waiting, { name: "SIGUSR1", count: 1 });
});

law("no wait leaves a listener behind", async ({ sw, signals, send }) => {
  const listener = signals.on(sw, ["SIGUSR1"]);
  const { controller, signal, listeners } = countedSignal();
  const [first, second] = [listener.next({ signal }), listener.next({ signal })];
  assertEquals(listeners.size, 2);
  await send("SIGUSR1");
  await first;
  assertEquals(listeners.size, 1);
  controller.abort();
  await assertRejects(() => second, Cancelled);
  assertEquals(listeners.size, 0);
});

law("nothing is heard after the switch, whose end ends a wait", async ({ sw, signals, send }) => {
  const outer = signals.on(sw, ["SIGUSR1"]);
  let inner: SignalListener | undefined;
  let waiting: Promise<unknown> | undefined;
  await sw.run((sw) => {
    inner = signals.on(sw, ["SIGUSR1"]);
    waiting = inner.next();
  });
  await assertRejects(() => waiting!, Cancelled, "the switch of the signal listener has ended");
  await send("SIGUSR1");
  assertEquals([outer.pending, inner!.pending], [1, 0]);
  await assertRejects(() => inner!.next(), Cancelled);
});

law("a fiber that waits does not hold a cancelled switch", async ({ sw, signals }) => {
  const running = sw.run((sw) => {
    const listener = signals.on(sw, ["SIGUSR1"]);
    sw.fork(() => listener.next());
    sw.fail(new Error("over"));
  });
  await assertRejects(() => running, Error, "over");
});

law("a cancelled switch does not begin to listen", async ({ sw, signals }) => {
  const running = sw.run((sw) => {
    sw.fail(new Error("over"));
    signals.on(sw, ["SIGUSR1"]);
  });
  await assertRejects(() => running, Error, "over");
});

Deno.test("a program that only waits for a signal stays alive, and is woken by it", async () => {
  // A program of its own, as a failure would end the tests.
  const code = `
    import { realEnv, Switch } from "${new URL("../../src/mod.ts", import.meta.url)}";
    await Switch.run(async (sw) => {
      const interrupts = realEnv().signals.on(sw, ["SIGINT"]);
      console.log("ready");
      await interrupts.next();
      console.log("interrupted");
    });`;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  await Switch.run(async (sw) => {
    const args = ["eval", `--config=${config}`, "--no-check", code];
    const program = await realEnv().processes.spawn(sw, Deno.execPath(), args, { stdout: "piped" });
    const output = new BufReader(program.stdout);
    assertEquals(await output.line(), "ready");
    program.kill("SIGINT");
    assertEquals(await output.line(), "interrupted");
    assertEquals(await program.success(), 0);
  });
});

Deno.test("FakeSignals.raise() tells whether anybody listens", async () => {
  const signals = new FakeSignals();
  assertEquals(signals.raise("SIGHUP"), false);
  await Switch.run((sw) => {
    signals.on(sw, ["SIGHUP"]);
    assert(signals.raise("SIGHUP"));
    assertEquals(signals.raise("SIGTERM"), false);
  });
  assertEquals(signals.raise("SIGHUP"), false);
});

Deno.test("as many signals are told as were sent, whoever waits and gives up", async () => {
  const step = fc.constantFrom("raise", "next", "abort");
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    await Switch.run(async (sw) => {
      const signals = new FakeSignals();
      const listener = signals.on(sw, ["SIGHUP"]);
      const aborts: AbortController[] = [];
      let [sent, told] = [0, 0];
      for (const step of steps) {
        if (step === "raise") {
          signals.raise("SIGHUP");
          sent++;
        } else if (step === "abort") aborts.shift()?.abort();
        else {
          const controller = new AbortController();
          aborts.push(controller);
          listener.next({ signal: controller.signal }).then(({ count }) => told += count, () => {});
        }
      }
      await Fiber.yield();
      assertEquals(told + listener.pending, sent);
    });
  }));
});
