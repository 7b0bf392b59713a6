import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import { defineJob, manifestOf } from "../../src/job/mod.ts";

const GOOD = { name: "good", summary: "It is good", input: v.string(), run: () => "" };

Deno.test("defineJob() gives back what it is given", () => {
  assertEquals(defineJob(GOOD), GOOD);
});

Deno.test("manifestOf() keeps what is known of a job without running it", () => {
  const permissions = { net: ["example.com"], read: true } as const;
  const limits = { deadlineMs: 5, graceMs: 0, memoryMb: 64 };
  const traits = { pure: true, concurrency: 8, priority: "low", calls: ["kv.get"] } as const;
  const words = { examples: ["1"], takes: "a number" };
  assertEquals(manifestOf({ ...GOOD, ...words, permissions, limits, ...traits }), {
    ...traits,
    name: "good",
    summary: "It is good",
    ...words,
    permissions,
    limits,
  });
});

Deno.test("manifestOf() fills in what may be left out", () => {
  const { name: _n, summary: _s, ...filledIn } = manifestOf(GOOD);
  assertEquals(filledIn, {
    examples: [],
    takes: "",
    permissions: {},
    limits: {},
    pure: false,
    concurrency: 1,
    priority: "normal",
    calls: [],
  });
});

Deno.test("manifestOf() says of each wrong member what it must be, and what it is", () => {
  const wrong: [unknown, string][] = [
    [undefined, "its file must `export default defineJob({...})`, got undefined"],
    [null, "got null"],
    ["a job", 'got "a job"'],
    [[], "got an array"],
    [() => {}, "got a function"],
    [
      {},
      '"name" must be a lower-case letter and then up to 62 letters, digits, "-" or "_", got undefined',
    ],
    [{ ...GOOD, name: "Good" }, 'got "Good"'],
    [{ ...GOOD, name: "9lives" }, 'got "9lives"'],
    [{ ...GOOD, name: "x".repeat(64) }, `got "${"x".repeat(64)}"`],
    [{ ...GOOD, name: "two words" }, 'got "two words"'],
    [{ ...GOOD, summary: 1 }, 'the job good: "summary" must be a string, got 1'],
    [{ ...GOOD, examples: "1" }, '"examples" must be a list of strings, got "1"'],
    [{ ...GOOD, examples: [1] }, '"examples" must be a list of strings, got an array'],
    [{ ...GOOD, input: undefined }, '"input" must be a Standard Schema (valibot, zod, arktype)'],
    [{ ...GOOD, input: {} }, '"input" must be a Standard Schema'],
    [{ ...GOOD, run: undefined }, '"run" must be a function, got undefined'],
    [{ ...GOOD, parse: "x" }, '"parse" must be a function, or left out, got "x"'],
    [{ ...GOOD, format: true }, '"format" must be a function, or left out, got true'],
    [{ ...GOOD, permissions: [] }, '"permissions" must be an object, got an array'],
    [{ ...GOOD, permissions: { hrtime: true } }, "an object with the keys net, read, write, env"],
    [
      { ...GOOD, permissions: { net: false } },
      '"permissions.net" must be true or a list of strings, got false',
    ],
    [{ ...GOOD, permissions: { read: ["/a", 1] } }, '"permissions.read" must be true or a list'],
    [{ ...GOOD, pure: "yes" }, '"pure" must be true or false, got "yes"'],
    [{ ...GOOD, concurrency: 0 }, '"concurrency" must be a whole number from 1 to 1000, got 0'],
    [{ ...GOOD, concurrency: 1.5 }, "got 1.5"],
    [{ ...GOOD, concurrency: 1001 }, "got 1001"],
    [{ ...GOOD, priority: "urgent" }, '"priority" must be high, normal, low, got "urgent"'],
    [{ ...GOOD, calls: "kv.get" }, '"calls" must be a list of names of services'],
    [{ ...GOOD, calls: ["no name"] }, 'such as "kv.get", got an array'],
    [{ ...GOOD, limits: 5 }, '"limits" must be an object, got 5'],
    [{ ...GOOD, limits: { deadline: 5 } }, "the keys deadlineMs, graceMs, memoryMb"],
    [
      { ...GOOD, limits: { deadlineMs: 0 } },
      '"limits.deadlineMs" must be a number of at least 1, got 0',
    ],
    [{ ...GOOD, limits: { deadlineMs: Infinity } }, "must be a number of at least 1, got Infinity"],
    [
      { ...GOOD, limits: { graceMs: -1 } },
      '"limits.graceMs" must be a number of at least 0, got -1',
    ],
    [
      { ...GOOD, limits: { memoryMb: 8 } },
      '"limits.memoryMb" must be a number of at least 16, got 8',
    ],
    [{ ...GOOD, limits: { memoryMb: "64" } }, 'got "64"'],
  ];
  for (const [definition, says] of wrong) {
    const { message } = assertThrows(() => manifestOf(definition), TypeError);
    assertStringIncludes(message, "Cannot load the job");
    assertStringIncludes(message, says);
  }
});
