import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SHORT_MS, Submitter } from "../../src/pool/submitter.ts";

Deno.test("Submitter expects nothing of a job that it has not run", () => {
  const submitter = new Submitter();
  submitter.learn(3, 7);
  assertEquals([submitter.expectedMs(2), submitter.expectedMs(3)], [undefined, 7]);
});

Deno.test("Submitter remembers a long run for some time", () => {
  const submitter = new Submitter();
  submitter.learn(0, 100);
  submitter.learn(0, 1);
  assert(submitter.expectedMs(0)! > SHORT_MS);
  for (let i = 0; i < 30; i++) submitter.learn(0, 0.01);
  assert(submitter.expectedMs(0)! < SHORT_MS);
});

Deno.test("Submitter expects at least what the last run took, and at most the longest", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 10_000 }), { minLength: 1 }), (runs) => {
    const submitter = new Submitter();
    runs.forEach((ms) => submitter.learn(0, ms));
    const expected = submitter.expectedMs(0)!;
    assert(expected >= runs.at(-1)! && expected <= Math.max(...runs));
  }));
});
