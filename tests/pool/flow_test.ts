import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Backlog } from "../../src/pool/queue/backlog.ts";
import { Flow } from "../../src/pool/queue/flow.ts";
import type { JobRequest } from "../../src/pool/job_request.ts";
import { Numbered } from "./numbered.ts";

function newFlow(): Flow {
  return new Flow(new Backlog(), 1);
}

/** What is in a flow, front first; walked from both ends, which must agree. */
function numbersIn(flow: Flow): number[] {
  const numbers: number[] = [];
  let last: JobRequest | undefined;
  for (let at = flow.first; at !== undefined; at = at.next) {
    assertEquals(at.previous, last);
    numbers.push((at as Numbered).number);
    last = at;
  }
  return numbers;
}

Deno.test("Flow is empty at first", () => {
  const flow = newFlow();
  assertEquals([flow.length, flow.first], [0, undefined]);
});

Deno.test("Flow keeps the order of arrival under any pushes, removals and restorations", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("push", "push", "remove", "restore"), fc.nat()));
  fc.assert(fc.property(steps, (steps) => {
    const flow = newFlow();
    const taken: Numbered[] = [];
    let model: Numbered[] = [];
    let arrivals = 0;
    for (const [step, n] of steps) {
      if (step === "push") {
        const request = new Numbered(++arrivals);
        request.arrival = arrivals;
        flow.push(request);
        model.push(request);
      } else if (step === "remove" && model.length > 0) {
        const [leaver] = model.splice(n % model.length, 1);
        flow.remove(leaver!);
        taken.push(leaver!);
      } else if (step === "restore" && taken.length > 0) {
        const [back] = taken.splice(n % taken.length, 1);
        flow.restore(back!);
        model = [...model, back!].sort((a, b) => a.number - b.number);
      }
      assertEquals(numbersIn(flow), model.map(({ number }) => number));
      assertEquals(flow.length, model.length);
    }
  }));
});
