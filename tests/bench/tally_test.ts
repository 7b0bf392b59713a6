import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Tally } from "../../bench/load/tally.ts";
import { TimeQueue } from "../../bench/load/time_queue.ts";
import { quantileMs } from "../../src/pool/stats/histogram.ts";

Deno.test("Replies count by when they come, latencies by when their requests were sent", () => {
  const tally = new Tally();
  tally.setWindow(1000, 3000);
  tally.count(900, 1100); // sent before the window
  tally.count(2000, 2010);
  tally.count(2900, 7900); // came after it
  tally.count(3000, 3001); // sent after it
  const { perSecond, latency } = tally.result();
  assertEquals(perSecond, 1);
  assertEquals(latency.count, 2);
  assertAlmostEquals(quantileMs(latency, 0.5), 10, 0.1);
  assertEquals(latency.maxMs, 5000);
});

Deno.test("Times come out of the queue as they went in, however it grows and turns", () => {
  const steps = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constant("shift" as const)), {
    maxLength: 200,
  });
  fc.assert(fc.property(steps, (steps) => {
    const queue = new TimeQueue();
    const model: number[] = [];
    for (const step of steps) {
      if (step !== "shift") {
        queue.push(step);
        model.push(step);
      } else if (model.length > 0) assertEquals(queue.shift(), model.shift());
      assertEquals(queue.length, model.length);
      assertEquals(queue.oldest, model[0] ?? Infinity);
    }
  }));
});
