import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Form, SLOT_COUNT, SLOT_TEXT, Slots, SLOTS_BYTES, State } from "../../src/pool/link/mod.ts";

/** The two sides of one memory. */
function bothSides(): { pool: Slots; lane: Slots } {
  const memory = new SharedArrayBuffer(SLOTS_BYTES);
  return { pool: new Slots(memory), lane: new Slots(memory) };
}

Deno.test("Slots carry any text that fits, there and back", () => {
  const texts = fc.string({ unit: "binary", maxLength: SLOT_TEXT / 2, size: "small" });
  fc.assert(fc.property(texts, texts, fc.nat({ max: 1000 }), (input, output, seq) => {
    const { pool, lane } = bothSides();
    assertEquals(pool.post(seq, 5, input), false);
    assertEquals([lane.start(seq), lane.job(seq), lane.text(seq)], [true, 5, input]);
    assert(lane.finish(seq, 1.5, output));
    assertEquals([pool.state(seq), pool.text(seq)], [State.DONE, output]);
    assertEquals(pool.runMs(seq), 1.5);
  }));
});

Deno.test("Slots carry an integer as the text that it would be", () => {
  fc.assert(fc.property(fc.integer(), fc.nat({ max: 1000 }), (n, seq) => {
    const { pool, lane } = bothSides();
    pool.postInteger(seq, 5, n, true);
    assert(lane.start(seq));
    assertEquals([lane.job(seq), lane.isQuick(seq), lane.text(seq)], [5, true, String(n)]);
    assert(lane.finish(seq, 1, "done"));
    assertEquals(pool.text(seq), "done");
  }));
});

Deno.test("Slots carry what was measured, and nothing of the run before", () => {
  const { pool, lane } = bothSides();
  pool.post(0, 0, "");
  lane.finish(0, 9, "", Form.TEXT, { cpuMs: 8, heapPeakMb: 0 });
  assertEquals(pool.figures(0), { cpuMs: 8, heapPeakMb: 0 });
  lane.finish(0, 9, "", Form.TEXT, { heapPeakMb: 7.5 });
  assertEquals(pool.figures(0), { heapPeakMb: 7.5 });
  lane.finish(0, 1, "");
  assertEquals(pool.figures(0), undefined);
});

Deno.test("Slots carry lone surrogates as they are", () => {
  const { pool, lane } = bothSides();
  pool.post(0, 0, "\ud800x\udc00");
  assertEquals(lane.text(0), "\ud800x\udc00");
});

Deno.test("A text of SLOT_TEXT units fits a slot, one more goes as a message", () => {
  const { pool, lane } = bothSides();
  assertEquals(pool.post(0, 0, "x".repeat(SLOT_TEXT)), false);
  assertEquals(pool.post(1, 0, "x".repeat(SLOT_TEXT + 1)), true);
  assertEquals(pool.post(2, 0, undefined), true);
  assertEquals([lane.text(0)?.length, lane.text(1), lane.text(2)], [
    SLOT_TEXT,
    undefined,
    undefined,
  ]);
  lane.start(0);
  assertEquals(lane.finish(0, 1, "x".repeat(SLOT_TEXT + 1)), false);
  assertEquals(pool.state(0), State.STARTED);
  lane.finishByMessage(0, 2);
  assertEquals([pool.state(0), pool.runMs(0)], [State.SENT, 2]);
});

Deno.test("A slot's neighbours are not touched", () => {
  const { pool, lane } = bothSides();
  const text = (seq: number) => String.fromCharCode(seq + 1).repeat(SLOT_TEXT);
  for (let seq = 0; seq < SLOT_COUNT; seq++) pool.post(seq, seq, text(seq));
  for (let seq = 0; seq < SLOT_COUNT; seq++) {
    assertEquals([lane.job(seq), lane.text(seq)], [seq, text(seq)]);
  }
});

Deno.test("A job is withdrawn or started, whoever comes first, and never both", () => {
  const { pool, lane } = bothSides();
  pool.post(0, 0, "");
  assertEquals([pool.withdraw(0), lane.start(0), pool.state(0)], [true, false, State.WITHDRAWN]);
  pool.post(1, 0, "");
  assertEquals([lane.start(1), pool.withdraw(1), pool.state(1)], [true, false, State.STARTED]);
});

Deno.test("Only a job that runs can be asked to stop, once", () => {
  const { pool, lane } = bothSides();
  pool.post(0, 0, "");
  assertEquals(pool.ask(0), false);
  lane.start(0);
  assertEquals([pool.ask(0), lane.state(0), pool.ask(0)], [true, State.ASKED, false]);
  lane.finish(0, 0, "");
  assertEquals([pool.ask(0), pool.state(0)], [false, State.DONE]);
});

Deno.test("What a lane writes into a slot cannot make the pool read beyond it", () => {
  const memory = new SharedArrayBuffer(SLOTS_BYTES);
  const pool = new Slots(memory);
  pool.post(0, 0, "abc");
  const words = new Int32Array(memory);
  const length = words.indexOf(3);
  for (const forged of [1e9, -7]) {
    words[length] = forged;
    assert(pool.text(0)!.length <= SLOT_TEXT);
  }
});

Deno.test("A bell wakes who sleeps by it, once, and nobody falls asleep over a ring that was", async () => {
  const { pool, lane } = bothSides();
  const { rings } = lane.laneBell;
  const rung = lane.laneBell.rung(rings);
  assert(rung !== undefined);
  assertEquals([pool.laneBell.ring(), pool.laneBell.ring()], [true, false]);
  await rung;
  assertEquals([lane.laneBell.rung(rings), lane.laneBell.rings], [undefined, rings + 2]);
  const before = pool.poolBell.rings;
  assertEquals(lane.poolBell.ring(), false);
  assertEquals(pool.poolBell.rung(before), undefined);
  assert(pool.poolBell.blockUntilRung(before, 0));
  assert(!pool.poolBell.blockUntilRung(before + 1, 0));
});

/** The steps of the two sides, in any order; `n` chooses among what is possible. */
const steps = fc.array(
  fc.record({
    does: fc.constantFrom("post", "withdraw", "ask", "take", "start", "finish"),
    n: fc.nat(),
  }),
  { maxLength: 400 },
);

/** A pool's side and a lane's side of one memory, as the pool and the lane program use it. */
class TwoSides {
  readonly done: number[] = [];
  readonly withdrawn: number[] = [];
  readonly run: number[] = [];
  readonly #sides = bothSides();
  #head = 0;
  #tail = 0;
  #next = 0;
  #running: number | undefined;

  get posted(): number {
    return this.#tail;
  }

  post(): void {
    if (this.#tail - this.#head < SLOT_COUNT) {
      this.#sides.pool.post(this.#tail, 0, `job ${this.#tail++}`);
    }
  }

  withdraw(n: number): void {
    const seq = this.#anyPosted(n);
    if (seq !== undefined && this.#sides.pool.withdraw(seq)) this.withdrawn.push(seq);
  }

  ask(n: number): void {
    const seq = this.#anyPosted(n);
    if (seq !== undefined) this.#sides.pool.ask(seq);
  }

  /** The pool goes past what has ended, in order. */
  take(): void {
    const { pool } = this.#sides;
    for (; this.#head < this.#tail; this.#head++) {
      const seq = this.#head;
      if (pool.state(seq) === State.DONE) {
        assertEquals(pool.text(seq), `job ${seq}`);
        this.done.push(seq);
      } else if (!this.withdrawn.includes(seq) || pool.state(seq) === State.WITHDRAWN) return;
    }
  }

  /** The lane starts the next job, past those that were withdrawn. */
  start(): void {
    const { lane } = this.#sides;
    if (this.#running !== undefined) return;
    while (lane.state(this.#next) === State.WITHDRAWN) lane.pass(this.#next++);
    if (lane.state(this.#next) !== State.POSTED || !lane.start(this.#next)) return;
    this.#running = this.#next++;
    this.run.push(this.#running);
  }

  finish(): void {
    if (this.#running === undefined) return;
    this.#sides.lane.finish(this.#running, 0, this.#sides.lane.text(this.#running)!);
    this.#running = undefined;
  }

  #anyPosted(n: number): number | undefined {
    const count = this.#tail - this.#head;
    return count === 0 ? undefined : this.#head + n % count;
  }
}

Deno.test("A slot is used again and again, and what it held before is no job", () => {
  const sides = new TwoSides();
  for (let round = 0; round < 3 * SLOT_COUNT; round++) {
    sides.start(); // there is none, though the slot held one
    sides.post();
    if (round % 5 === 0) sides.withdraw(0);
    sides.start();
    sides.take();
    sides.finish();
    sides.take();
  }
  assertEquals(sides.run.length + sides.withdrawn.length, 3 * SLOT_COUNT);
  assertEquals(sides.done, sides.run);
});

Deno.test("Law 8: every posted job runs once or is withdrawn once, never both, in order", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const sides = new TwoSides();
      for (const { does, n } of steps) sides[does](n);
      for (let i = 0; i <= sides.posted; i++) {
        sides.start();
        sides.finish();
        sides.take();
      }
      const all = Array.from({ length: sides.posted }, (_, seq) => seq);
      assertEquals([...sides.run, ...sides.withdrawn].sort((a, b) => a - b), all);
      assertEquals(sides.done, sides.run);
      assertEquals(sides.run, sides.run.toSorted((a, b) => a - b));
    }),
    { numRuns: 1_000 },
  );
});
