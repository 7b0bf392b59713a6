import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { realEnv } from "../../src/env/mod.ts";
import { packValue, SLOT_TEXT, unpackValue } from "../../src/pool/link/mod.ts";
import { WorkerPool } from "../../src/pool/mod.ts";
import { Switch } from "../../src/switch/mod.ts";
import { fixtureJobs } from "./fake_pool.ts";

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  withBoxedValues: true,
  withObjectString: true,
});

Deno.test("A value that is packed comes out as its structured clone, or it is not packed", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const text = packValue(value);
      if (text !== undefined) assertEquals(unpackValue(text), structuredClone(value));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("Small data is packed", () => {
  const data = [undefined, null, true, 0, -1.5, 1e300, "", "12", "ü\ud800", [], {}, [[1], {
    a: "b",
  }]];
  for (const value of data) assertEquals(unpackValue(packValue(value)!), value);
});

Deno.test("What JSON would change is not packed", () => {
  const shared = {};
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const odd: Record<string, unknown> = {
    "a number that is none": NaN,
    "an infinity": [Infinity],
    "minus zero": { zero: -0 },
    "a member that is undefined": { a: undefined },
    "a hole": [, 1],
    "a member of an array": Object.assign([1], { name: "x" }),
    "one object twice": [shared, shared],
    "a cycle": cycle,
    "a date": new Date(0),
    "a map": new Map(),
    "bytes": new Uint8Array(1),
    "a bigint": 1n,
    "a function": () => {},
    "an instance": new (class Point {})(),
    "a getter that throws": {
      get x() {
        throw new Error("no");
      },
    },
  };
  for (const [name, value] of Object.entries(odd)) assertEquals(packValue(value), undefined, name);
});

Deno.test("A large value is not looked through", () => {
  let looks = 0;
  const nosy = new Proxy([] as number[], {
    get: (target, key) => (looks++, key === "length" ? SLOT_TEXT : Reflect.get(target, key)),
    ownKeys: (target) => (looks++, Reflect.ownKeys(target)),
  });
  assertEquals(packValue(nosy), undefined);
  assertEquals(looks, 1);
  assertEquals(packValue("x".repeat(SLOT_TEXT + 1)), undefined);
  assertEquals(packValue(Array.from({ length: 20 }, () => [])), undefined);
});

Deno.test("A text that is no packed value is given as it is", () => {
  assertEquals(unpackValue("{"), "{");
});

Deno.test("A job is given its value as it is, and so is its submitter, whatever the way", async () => {
  const env = realEnv({ log: { level: "warn" } });
  const long = "x".repeat(SLOT_TEXT + 1);
  const values = [undefined, null, 7, "", "7", "null", long, [1, "a"], { a: [long] }, 1n, NaN, -0];
  await Switch.run(async (sw) => {
    const jobs = await fixtureJobs("echoing");
    const pool = await WorkerPool.open(sw, env, { jobs, cores: 1, spares: 0, selfTest: false });
    for (const value of values) {
      const outcome = await pool.submit("echo", value);
      assertEquals(outcome.kind === "done" && outcome.result, value);
    }
  });
});
