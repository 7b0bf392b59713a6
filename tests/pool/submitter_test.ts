import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SHORT_MS } from "../../src/pool/queue/run_times.ts";
import { Submitter } from "../../src/pool/mod.ts";

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

Deno.test("One long run among short ones is put down to the machine, a second soon after is not", () => {
  const submitter = new Submitter();
  for (const ms of [0.01, 0.01, 30, 0.01]) submitter.learn(0, ms);
  assert(submitter.expectedMs(0)! <= SHORT_MS);
  submitter.learn(0, 30);
  assertEquals(submitter.expectedMs(0), 30);
});

Deno.test("A run that was kept from a core counts by its time there; from the third in a row on each counts in full", () => {
  const submitter = new Submitter();
  for (let i = 0; i < 2; i++) {
    submitter.learn(0, 9, 0.01);
    assertEquals(submitter.expectedMs(0), 0.01);
  }
  submitter.learn(0, 9, 0.01);
  assertEquals(submitter.expectedMs(0), 9);
  submitter.learn(0, 0.01);
  assertEquals(submitter.expectedMs(0), 0.01);
});

Deno.test("Runs that had a core for more than a small part of their time do not wait, however many", () => {
  const submitter = new Submitter();
  for (let i = 0; i < 20; i++) submitter.learn(0, 9, 1);
  assertEquals(submitter.expectedMs(0), 1);
});

Deno.test("What nobody knows of a part is taken from the whole; its own runs count more, and for the whole too", () => {
  const whole = new Submitter();
  const [one, other] = [whole.part(), whole.part()];
  one.learn(0, 7);
  assertEquals([whole, one, other].map((submitter) => submitter.expectedMs(0)), [7, 7, 7]);
  for (let i = 0; i < 30; i++) other.learn(0, 0.01);
  assertEquals(one.expectedMs(0), 7);
  assert(other.expectedMs(0)! < SHORT_MS);
});

Deno.test("The first run of a part does not stand for all that the whole has run", () => {
  const whole = new Submitter();
  const before = whole.part();
  for (let i = 0; i < 10; i++) before.learn(0, 0.01);
  const part = whole.part();
  part.learn(0, 30);
  assertEquals([part, whole].map((submitter) => submitter.expectedMs(0)), [SHORT_MS, SHORT_MS]);
  assertAlmostEquals(part.usualMs(0)!, 0.02, 0.001);
  part.learn(0, 30);
  assertEquals([part, before].map((submitter) => submitter.expectedMs(0)), [30, 0.01]);
});

Deno.test("One long run among runs of one to two milliseconds is put down to the machine, too", () => {
  const submitter = new Submitter();
  for (const ms of [1.5, 1.5, 1.5, 1.5, 30]) submitter.learn(0, ms);
  assertEquals(submitter.expectedMs(0), SHORT_MS);
});

Deno.test("What is usual is not changed by a run that was kept from a core, nor stays nothing after one", () => {
  const submitter = new Submitter();
  submitter.learn(0, 9, 0);
  for (let i = 0; i < 40; i++) submitter.learn(0, 1);
  assertAlmostEquals(submitter.usualMs(0)!, 1, 0.01);
  const before = submitter.usualMs(0);
  submitter.learn(0, 9, 0);
  assertEquals(submitter.usualMs(0), before);
});

Deno.test("What is usual is soon what it was before a slow run", () => {
  const submitter = new Submitter();
  for (const ms of [0.1, 0.1, 30, 0.1, 0.1]) submitter.learn(0, ms);
  assert(submitter.usualMs(0)! < 0.12 && submitter.expectedMs(0)! > 1);
});

Deno.test("Submitter expects at least what the last run took, unless it stood out, and at most the longest", () => {
  const runs = fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 1 });
  fc.assert(fc.property(runs, (runs) => {
    const submitter = new Submitter();
    runs.forEach((ms) => submitter.learn(0, ms));
    const expectedMs = submitter.expectedMs(0)!;
    assert(expectedMs >= Math.min(runs.at(-1)!, SHORT_MS) && expectedMs <= Math.max(...runs));
  }));
});
