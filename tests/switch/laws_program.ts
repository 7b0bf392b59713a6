import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Cancelled, type FiberFunction, type Observer, Switch } from "../../src/switch/mod.ts";
import { turn } from "./helpers.ts";
import { ModelSwitch } from "./laws_model.ts";

/** What a fiber, or the body of a switch, does next. */
export type Step =
  /** Waits until the schedule lets it go on, and listens to cancellation in one of these ways. */
  | { kind: "wait"; listen: "callback" | "event" | "deaf"; whenCancelled: "pass" | "eat" | "fail" }
  | { kind: "fork" | "daemon"; script: Step[] }
  | { kind: "promise"; script: Step[]; isAwaited: boolean }
  | {
    kind: "child";
    script: Step[];
    protect: boolean;
    bySignal: boolean;
    isAwaited: boolean;
    isCaught: boolean;
  }
  | { kind: "release"; waits: number; fails: boolean; script: Step[] }
  | { kind: "fail" | "throw"; error: number };

/** Some errors come again and again, so that they must be told apart by identity. */
const ERRORS = [0, 1, 2, 3].map((i) => new Error(`E${i}`));

/** Any program of moderate size. */
export const scripts: fc.Arbitrary<Step[]> = fc.letrec<{ script: Step[]; step: Step }>((tie) => {
  const script = tie("script");
  const bool = fc.boolean();
  const wait = fc.record<Step & { kind: "wait" }>({
    kind: fc.constant("wait"),
    listen: fc.constantFrom("callback", "event", "deaf"),
    whenCancelled: fc.constantFrom("pass", "pass", "eat", "fail"),
  });
  const error = fc.record<Step & { kind: "fail" | "throw" }>({
    kind: fc.constantFrom("fail", "throw"),
    error: fc.nat({ max: ERRORS.length - 1 }),
  });
  return {
    script: fc.array(tie("step"), { maxLength: 6, size: "max" }),
    step: fc.oneof(
      { depthIdentifier: "script", maxDepth: 4, depthSize: "small" },
      { arbitrary: wait, weight: 4 },
      { arbitrary: error, weight: 1 },
      { arbitrary: fc.record({ kind: fc.constantFrom("fork", "daemon"), script }), weight: 4 },
      {
        arbitrary: fc.record({ kind: fc.constant("promise"), script, isAwaited: bool }),
        weight: 1,
      },
      {
        arbitrary: fc.record({
          ...{ kind: fc.constant("child"), script, protect: bool, bySignal: bool },
          ...{ isAwaited: bool, isCaught: bool },
        }),
        weight: 3,
      },
      {
        arbitrary: fc.record({
          ...{ kind: fc.constant("release"), waits: fc.nat({ max: 2 }), fails: bool, script },
        }),
        weight: 2,
      },
    ) as fc.Arbitrary<Step>,
  };
}).script;

/** A switch together with its model. */
interface Scope {
  readonly sw: Switch;
  readonly model: ModelSwitch;
}

/**
 * Runs a script under a schedule: whenever nothing can go on by itself, `choices` says which of the
 * waits ends. Before step number `abortAt` the whole is cancelled from outside.
 */
export class Program {
  readonly #gates = new Set<() => void>();
  readonly #root = new ModelSwitch(undefined, false);
  readonly #controller = new AbortController();
  #faults: unknown[] = [];
  readonly #observer: Observer | undefined;
  #releases = 0;
  #failures = 0;

  constructor(observer?: Observer) {
    this.#observer = observer;
  }

  async run(script: Step[], choices: readonly number[], abortAt: number): Promise<void> {
    const options = { signal: this.#controller.signal, observer: this.#observer };
    this.#watch(this.#root, (fn) => Switch.run(fn, options), script).catch(() => {});
    for (let i = 0; await this.#standsStill(); i++) {
      if (i === abortAt) this.#abort();
      else this.#openGate(choices[i] ?? 0);
    }
  }

  #openGate(choice: number): void {
    const gates = [...this.#gates];
    assert(gates.length > 0, "stuck: the switch waits, and nothing can wake it");
    gates[choice % gates.length]?.();
  }

  /** Lets everything go on that can, and looks whether all is as it should be. */
  async #standsStill(): Promise<boolean> {
    await turn();
    if (this.#faults.length > 0) throw this.#faults[0];
    for (const model of this.#root.live()) model.assertSettledState();
    return !this.#root.isFinished;
  }

  #abort(): void {
    this.#root.cancel();
    this.#controller.abort();
  }

  /** Opens a switch with `open`, runs `script` as its body, and checks how it ends. */
  #watch(
    model: ModelSwitch,
    open: (fn: (sw: Switch) => Promise<void>) => Promise<void>,
    script: Step[],
  ): Promise<void> {
    const run = open((sw) => {
      model.sw = sw;
      sw.onCancel(() => this.#check(() => model.noticeCancel()));
      return this.#observe(this.#runScript(script, { sw, model }), (error) => {
        model.bodyEnds();
        if (error !== undefined) model.fail(error);
      });
    });
    run.then(
      () => this.#check(() => model.finish(undefined)),
      (error) => this.#check(() => model.finish({ error })),
    );
    return run;
  }

  async #runScript(script: Step[], scope: Scope): Promise<void> {
    for (const step of script) await this.#runStep(step, scope);
  }

  async #runStep(step: Step, scope: Scope): Promise<void> {
    switch (step.kind) {
      case "wait":
        return await this.#wait(step, scope.sw);
      case "fork":
        return this.#fork(step.script, scope);
      case "daemon":
        return this.#forkDaemon(step.script, scope);
      case "promise":
        return await this.#forkPromise(step, scope);
      case "child":
        return await this.#runChild(step, scope);
      case "release":
        return this.#addRelease(step, scope);
      case "fail":
        scope.model.fail(ERRORS[step.error]);
        return scope.sw.fail(ERRORS[step.error]);
      case "throw":
        throw ERRORS[step.error];
    }
  }

  async #wait({ listen, whenCancelled }: Step & { kind: "wait" }, sw: Switch): Promise<void> {
    try {
      await this.#gate(listen, sw);
    } catch (error) {
      assert(error instanceof Cancelled);
      if (whenCancelled === "pass") throw error;
      if (whenCancelled === "fail") throw new Error(`clean-up ${++this.#failures} failed`);
    }
  }

  #gate(listen: "callback" | "event" | "deaf", sw: Switch): Promise<void> {
    return new Promise((resolve, reject) => {
      const open = () => {
        this.#gates.delete(open);
        resolve();
      };
      const giveUp = (reason: unknown) => {
        this.#gates.delete(open);
        reject(reason);
      };
      this.#gates.add(open);
      if (listen === "callback") sw.onCancel(giveUp);
      if (listen === "event") onAbortEvent(sw.signal, giveUp);
    });
  }

  #fork(script: Step[], scope: Scope): void {
    const { sw, model } = scope;
    this.#assertStarts(scope, (started) =>
      sw.fork(() => {
        started();
        model.fibers++;
        return this.#observe(this.#runScript(script, scope), (error) => {
          model.fibers--;
          if (error !== undefined) model.fail(error);
        });
      }));
  }

  #forkDaemon(script: Step[], scope: Scope): void {
    const { sw, model } = scope;
    this.#assertStarts(scope, (started) =>
      sw.forkDaemon(() => {
        started();
        model.daemons++;
        return this.#observe(this.#runScript(script, scope), (error) => {
          model.daemons--;
          if (error !== undefined) model.failDaemon(error);
        });
      }));
  }

  async #forkPromise(step: Step & { kind: "promise" }, scope: Scope): Promise<void> {
    const { sw, model } = scope;
    const fiber: FiberFunction<void> = () => {
      model.fibers++;
      return this.#observe(this.#runScript(step.script, scope), () => void model.fibers--);
    };
    let result = Promise.resolve();
    this.#assertStarts(scope, (started) => {
      result = sw.forkPromise((signal) => (started(), fiber(signal)));
    });
    if (step.isAwaited) await result;
  }

  async #runChild(step: Step & { kind: "child" }, { sw, model }: Scope): Promise<void> {
    const { protect } = step;
    if (model.isCancelled && !protect) return await assertRefused(sw);
    const open = (fn: (sw: Switch) => Promise<void>) =>
      step.bySignal ? Switch.run(fn, { signal: sw.signal, protect }) : sw.run(fn, { protect });
    const run = this.#watch(new ModelSwitch(model, protect), open, step.script);
    if (!step.isAwaited) return;
    await (step.isCaught ? run.catch(() => {}) : run);
  }

  #addRelease(step: Step & { kind: "release" }, scope: Scope): void {
    const { sw, model } = scope;
    if (model.isReleasing) return assertTooLate(sw);
    const id = ++this.#releases;
    model.releases.push(id);
    sw.onRelease(() => {
      this.#check(() => model.releaseStarts(id));
      return this.#observe(this.#release(step, scope), (error) => {
        model.releaseEnds();
        if (error !== undefined) model.fail(error);
      });
    });
  }

  async #release(step: Step & { kind: "release" }, scope: Scope): Promise<void> {
    for (let i = 0; i < step.waits; i++) await this.#gate("deaf", scope.sw);
    if (step.script.length > 0) this.#fork(step.script, scope);
    if (step.fails) throw new Error(`release ${++this.#failures} failed`);
  }

  /** A fiber starts at once if the switch is on, and not at all if it is cancelled. */
  #assertStarts({ model }: Scope, fork: (started: () => void) => void): void {
    const isExpected = !model.isCancelled;
    let isStarted = false;
    fork(() => void (isStarted = true));
    this.#check(() => assertEquals(isStarted, isExpected, "a fiber started, or did not, wrongly"));
  }

  /** Calls `onEnd` in the moment before whoever was given the promise learns how it ended. */
  #observe(promise: Promise<void>, onEnd: (error: unknown) => void): Promise<void> {
    const check = (error: unknown) => this.#check(() => onEnd(error));
    promise.then(() => check(undefined), check);
    return promise;
  }

  /** A fault that the model finds is not the program's own: it must not go to the switch. */
  #check(fn: () => void): void {
    try {
      fn();
    } catch (fault) {
      this.#faults.push(fault);
    }
  }
}

function onAbortEvent(signal: AbortSignal, fn: (reason: unknown) => void): void {
  if (signal.aborted) fn(signal.reason);
  else signal.addEventListener("abort", () => fn(signal.reason), { once: true });
}

async function assertRefused(sw: Switch): Promise<void> {
  let isCalled = false;
  const refusal = await sw.run(() => void (isCalled = true)).catch((error) => error);
  assertEquals([refusal, isCalled], [sw.error, false]);
  throw refusal;
}

function assertTooLate(sw: Switch): void {
  let isCalled = false;
  assertThrows(() => sw.onRelease(() => void (isCalled = true)), TypeError);
  assert(isCalled);
}
