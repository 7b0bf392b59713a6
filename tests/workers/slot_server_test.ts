import { assertEquals } from "@std/assert";
import { Bell, Form, Slots, SLOTS_BYTES, State } from "../../src/pool/link/mod.ts";
import { SlotServer } from "../../workers/runtime/slot_server.ts";

/** The bell of a lane that never sleeps for long, and counts how often it would have blocked. */
class WakefulBell extends Bell {
  blocks = 0;

  override blockUntilRung(): boolean {
    this.blocks++;
    return false;
  }
}

/** A lane whose jobs do what the test says; it notes what the pool had been told when each began. */
class Lane {
  readonly slots: Slots;
  readonly bell: WakefulBell;
  readonly ran: { seq: number; told: number }[] = [];
  isShared = false;
  isIdle = true;

  constructor(readonly run: (seq: number) => number | Promise<void> = () => performance.now()) {
    const memory = new SharedArrayBuffer(SLOTS_BYTES);
    this.slots = new Slots(memory);
    this.bell = new WakefulBell(new Int32Array(memory), 0);
    Object.assign(this.slots, { laneBell: this.bell });
  }

  get told(): number {
    return this.slots.poolBell.rings;
  }

  post(seq: number, isQuick: boolean): void {
    this.slots.post(seq, 0, "", Form.TEXT, isQuick);
  }

  /** Serves what is posted: by the time that this returns it has come to rest, or waits for a job. */
  serve(): void {
    const server = new SlotServer(this.slots, {
      runSlot: (seq) => {
        this.ran.push({ seq, told: this.told });
        return this.run(seq);
      },
      isShared: () => this.isShared,
      isIdle: () => this.isIdle,
    });
    void server.serve();
  }
}

Deno.test("The ends of jobs before quick ones come together, those before others at once", () => {
  const lane = new Lane(() => 0); // all at one moment, so that none of them is late
  [true, true, false, true].forEach((isQuick, seq) => lane.post(seq, isQuick));
  lane.serve();
  assertEquals(lane.ran, [
    { seq: 0, told: 0 },
    { seq: 1, told: 0 },
    { seq: 2, told: 1 },
    { seq: 3, told: 1 },
  ]);
  assertEquals(lane.told, 2);
});

Deno.test("The end of a job is not kept back for long, however many quick ones follow it", () => {
  let nowMs = performance.now();
  const lane = new Lane(() => nowMs += 1);
  for (let seq = 0; seq < 5; seq++) lane.post(seq, true);
  lane.serve();
  assertEquals(lane.told, 3); // each time when another has ended after the first that was not told
});

Deno.test("The pool is told of all ends before the lane waits for a job", () => {
  const lane = new Lane((seq) => seq === 0 ? 0 : new Promise(() => {}));
  lane.post(0, true);
  lane.post(1, true);
  lane.serve();
  assertEquals([lane.ran.length, lane.told], [2, 1]);
});

Deno.test("A job that was taken back is passed, which the pool is told, and is not run", () => {
  const lane = new Lane();
  lane.post(0, true);
  lane.post(1, true);
  lane.slots.withdraw(0);
  lane.serve();
  assertEquals(lane.ran.map(({ seq }) => seq), [1]);
  assertEquals([lane.slots.state(0), lane.told], [State.FREE, 1]);
});

Deno.test("A lane blocks after a job, but not before one, and not beside runs that share it", () => {
  const alone = new Lane();
  alone.serve();
  assertEquals(alone.bell.blocks, 0);

  const used = new Lane();
  used.post(0, true);
  used.serve();
  assertEquals(used.bell.blocks, 1);

  const shared = new Lane();
  shared.isIdle = false;
  shared.post(0, true);
  shared.serve();
  assertEquals([shared.ran.length, shared.bell.blocks], [1, 0]);
});

Deno.test("A job that shares the lane does not keep the next waiting, another does", async () => {
  for (const isShared of [true, false]) {
    const lane = new Lane(() => new Promise(() => {}));
    lane.isShared = isShared;
    lane.post(0, false);
    lane.post(1, false);
    lane.serve();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(lane.ran.length, isShared ? 2 : 1);
  }
});
