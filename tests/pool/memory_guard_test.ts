import { assertEquals } from "@std/assert";
import type { PoolLane } from "../../src/pool/lanes/lane.ts";
import { LOOK_MS, MemoryGuard } from "../../src/pool/lanes/memory_guard.ts";

/** The part of a lane that a guard looks at. */
class StandInLane {
  beats = 0;
  heardMb = 0;
  residentMb: number | undefined;
  startedMs = 0;
  running: unknown = {};
}

/** A guard of lanes that may have 100 MiB each, and what it has told. */
class Guarded {
  readonly lanes: readonly StandInLane[];
  readonly told: StandInLane[] = [];
  processMb = 500;
  readonly #guard = new MemoryGuard(
    () => this.processMb,
    (lane) => this.told.push(lane as unknown as StandInLane),
  );
  #nowMs = 0;

  constructor(count: number) {
    this.lanes = Array.from({ length: count }, () => new StandInLane());
  }

  /** Looks so many times, before each of which the process has grown by so much. */
  look(times: number, grownMb: number): void {
    const lanes = this.lanes as unknown as readonly PoolLane[];
    for (let i = 0; i < times; i++) {
      this.processMb += grownMb;
      this.#guard.look([{ lanes, spec: { memoryMb: 100 } }], this.#nowMs += LOOK_MS);
    }
  }
}

Deno.test("A silent lane is told when the process has grown by twice its limit, and some room", () => {
  const guarded = new Guarded(1);
  guarded.look(2, 0);
  guarded.look(5, 50);
  assertEquals(guarded.told, []);
  guarded.look(1, 50);
  assertEquals(guarded.told, [...guarded.lanes]);
});

Deno.test("A lane whose event loop turns watches itself, and accounts for what it takes", () => {
  const guarded = new Guarded(2);
  const [silent, turning] = guarded.lanes as [StandInLane, StandInLane];
  guarded.look(2, 0);
  for (let i = 0; i < 20; i++) {
    turning.beats++;
    turning.heardMb += 50;
    guarded.look(1, 50);
  }
  assertEquals(guarded.told, []);
  silent.beats++;
});

Deno.test("Of several silent lanes the one is told in whose time the process grew", () => {
  const guarded = new Guarded(2);
  const [innocent, greedy] = guarded.lanes as [StandInLane, StandInLane];
  greedy.running = undefined;
  guarded.look(10, 0);
  greedy.running = {};
  guarded.look(7, 50);
  assertEquals(guarded.told, [greedy]);
  greedy.running = undefined;
  guarded.look(20, 0);
  assertEquals(guarded.told, [greedy]);
  assertEquals(innocent.running, {});
});

Deno.test("A lane that has just begun is not suspected, nor is one for what grew while nobody looked", () => {
  const guarded = new Guarded(1);
  guarded.lanes[0]!.startedMs = 9.5 * LOOK_MS;
  guarded.look(10, 1_000);
  assertEquals(guarded.told, []);
  guarded.lanes[0]!.running = undefined;
  guarded.look(1, 0);
  assertEquals(guarded.told, []);
});

Deno.test("A process is told for what it takes itself", () => {
  const guarded = new Guarded(2);
  guarded.lanes[0]!.residentMb = 420;
  guarded.lanes[1]!.residentMb = 430;
  guarded.look(1, 1_000);
  assertEquals(guarded.told, [guarded.lanes[1]!]);
});
