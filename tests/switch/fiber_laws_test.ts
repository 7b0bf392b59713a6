import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Cancelled,
  Fiber,
  MultipleErrors,
  type Switch,
  TimeoutError,
} from "../../src/switch/mod.ts";
import { runTest, type TestScope } from "../../src/testing/mod.ts";

/** A tree of what runs fibers together; its leaves wait some turns and then end in some way. */
type Program =
  | { readonly kind: "value" | "fail" | "protected"; readonly turns: number; readonly id: number }
  | { readonly kind: "never" }
  | { readonly kind: "all" | "any"; readonly parts: readonly Program[] }
  | { readonly kind: "map"; readonly parts: readonly Program[]; readonly maxFibers: number }
  | { readonly kind: "timeout"; readonly ms: number; readonly part: Program };

const leaf = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      "value" as const,
      "value" as const,
      "fail" as const,
      "protected" as const,
    ),
    turns: fc.nat(3),
    id: fc.nat(1000),
  }),
  fc.constant({ kind: "never" as const }),
);

const { program } = fc.letrec<{ program: Program; parts: Program[] }>((tie) => ({
  program: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: leaf, weight: 2 },
    {
      arbitrary: fc.record({
        kind: fc.constantFrom("all" as const, "any" as const),
        parts: tie("parts"),
      }),
      weight: 2,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("map" as const),
        parts: tie("parts"),
        maxFibers: fc.integer({ min: 1, max: 3 }),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("timeout" as const),
        ms: fc.nat(3),
        part: tie("program"),
      }),
      weight: 1,
    },
  ),
  parts: fc.array(tie("program"), { minLength: 1, maxLength: 4 }),
}));

/** Runs programs, and keeps the books. */
class Performer {
  readonly thrown = new Set<unknown>();
  running = 0;
  readonly #clock: TestScope["env"]["clock"];

  constructor({ env }: TestScope) {
    this.#clock = env.clock;
  }

  perform(program: Program, signal: AbortSignal): Promise<unknown> {
    switch (program.kind) {
      case "all":
        return Fiber.all(program.parts.map((part) => this.#fiberOf(part)), { signal });
      case "any":
        return Fiber.any(program.parts.map((part) => this.#fiberOf(part)), { signal });
      case "map":
        return Fiber.map(program.parts, (part, signal) => this.perform(part, signal), {
          maxFibers: program.maxFibers,
          signal,
        });
      case "timeout":
        return Fiber.withTimeout(this.#clock, program.ms, this.#fiberOf(program.part), { signal });
      case "never":
        return this.#counted(() => Fiber.awaitCancel(signal));
      case "protected":
        return Fiber.protect((signal) => this.#counted(() => this.#end(program, signal)));
      default:
        return this.#counted(() => this.#end(program, signal));
    }
  }

  #fiberOf(part: Program): (signal: AbortSignal) => Promise<unknown> {
    return (signal) => this.perform(part, signal);
  }

  async #counted(fn: () => Promise<unknown>): Promise<unknown> {
    this.running++;
    try {
      return await fn();
    } finally {
      this.running--;
    }
  }

  async #end(
    { kind, turns, id }: Extract<Program, { readonly id: number }>,
    signal: AbortSignal,
  ): Promise<number> {
    for (let i = 0; i < turns; i++) await this.#clock.sleep(1, { signal });
    if (kind !== "fail") return id;
    const error = new Error(`${id}`);
    this.thrown.add(error);
    throw error;
  }
}

/** Whether `value` can be what `program` returned. */
function isResultOf(program: Program, value: unknown): boolean {
  switch (program.kind) {
    case "value":
    case "protected":
      return value === program.id;
    case "all":
    case "map":
      return Array.isArray(value) && value.length === program.parts.length &&
        program.parts.every((part, i) => isResultOf(part, value[i]));
    case "any":
      return program.parts.some((part) => isResultOf(part, value));
    case "timeout":
      return isResultOf(program.part, value);
    default:
      return false;
  }
}

const STOP = new Error("stop");

/** Stops `sw` after so many wake-ups, if it has not ended by then. */
function stopLater(sw: Switch, { pause }: TestScope, wakeUps: number, thrown: Set<unknown>): void {
  sw.forkDaemon(async (signal) => {
    for (let i = 0; i < wakeUps && !signal.aborted; i++) await pause();
    if (signal.aborted) return;
    thrown.add(STOP);
    sw.fail(STOP);
  });
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

async function check(program: Program, stopAfter: number, seed: number): Promise<void> {
  await runTest(async (scope) => {
    const performer = new Performer(scope);
    const outcome: Outcome = await scope.sw.run((sw) => {
      stopLater(sw, scope, stopAfter, performer.thrown);
      return performer.perform(program, sw.signal);
    }).then((value) => ({ value }), (error) => ({ error }));
    assertEquals(performer.running, 0, "nothing runs when it has returned");
    assertLaws(program, outcome, performer.thrown);
  }, { seed });
}

function assertLaws(program: Program, outcome: Outcome, thrown: ReadonlySet<unknown>): void {
  if ("value" in outcome) {
    assertEquals(thrown.size, 0, "no error is lost");
    assert(isResultOf(program, outcome.value), `${JSON.stringify(outcome.value)} is no result`);
    return;
  }
  const { error } = outcome;
  const errors: unknown[] = error instanceof MultipleErrors ? error.errors : [error];
  assertEquals(new Set(errors).size, errors.length, "no error is reported twice");
  const own = errors.filter((each) => !(each instanceof TimeoutError));
  assert(own.every((each) => thrown.has(each)), `a strange error: ${error}`);
  assertEquals(own.length, thrown.size, "no error is lost");
  assert(!errors.some((each) => each instanceof Cancelled), "no cancellation is reported");
}

Deno.test("fibers together leave nothing running and lose no error, in any order of events", async () => {
  const property = fc.asyncProperty(program, fc.nat(25), fc.nat(1_000_000), check);
  await fc.assert(property, { numRuns: 2_000 });
});
