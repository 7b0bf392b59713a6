import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { JobRequest } from "../../src/pool/job_request.ts";
import { type Job, type Outcome, Submitter } from "../../src/pool/mod.ts";
import { RequestQueue } from "../../src/pool/request_queue.ts";
import { aManifest } from "../job/a_manifest.ts";

const JOB: Job = {
  index: 0,
  name: "any",
  manifest: aManifest({ name: "any" }),
  deadlineMs: 1,
  graceMs: 1,
  scope: "none",
};

class Numbered extends JobRequest {
  constructor(readonly number: number) {
    super(JOB, "", new Submitter());
  }

  override settled(_outcome: Outcome): void {}
}

/** What is in a queue, front first; walked from both ends, which must agree. */
function numbersIn(queue: RequestQueue): number[] {
  const numbers: number[] = [];
  let last: JobRequest | undefined;
  for (let at = queue.first; at !== undefined; at = at.next) {
    assertEquals(at.previous, last);
    numbers.push((at as Numbered).number);
    last = at;
  }
  return numbers;
}

Deno.test("RequestQueue is empty at first", () => {
  const queue = new RequestQueue();
  assertEquals([queue.length, queue.first], [0, undefined]);
});

Deno.test("RequestQueue keeps its order under any pushes, unshifts and removals", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("push", "unshift", "remove"), fc.nat()));
  fc.assert(fc.property(steps, (steps) => {
    const queue = new RequestQueue();
    let model: Numbered[] = [];
    for (const [step, number] of steps) {
      if (step === "remove") {
        const leaver = model[number % model.length];
        if (leaver === undefined) continue;
        queue.remove(leaver);
        model = model.filter((request) => request !== leaver);
        assertEquals([leaver.previous, leaver.next], [undefined, undefined]);
      } else {
        const request = new Numbered(number);
        queue[step](request);
        model = step === "push" ? [...model, request] : [request, ...model];
      }
      assertEquals(numbersIn(queue), model.map(({ number }) => number));
      assertEquals(queue.length, model.length);
    }
  }));
});

Deno.test("RequestQueue takes a request that has left it again", () => {
  const queue = new RequestQueue();
  const request = new Numbered(1);
  for (const put of ["push", "unshift", "push"] as const) {
    queue[put](request);
    assertEquals(numbersIn(queue), [1]);
    queue.remove(request);
    assertEquals([queue.length, queue.first], [0, undefined]);
  }
});
