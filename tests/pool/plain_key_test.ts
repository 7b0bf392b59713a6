import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { plainKey } from "../../src/pool/reuse/plain_key.ts";

const LONG = 100_000;

const data = fc.anything({
  withBigInt: true,
  withNullPrototype: false,
  maxDepth: 3,
});

Deno.test("Inputs have the same key just if they are the same", () => {
  fc.assert(fc.property(data, data, (a, b) => {
    const same = plainKey({ value: a }, LONG) === plainKey({ value: b }, LONG);
    assertEquals(same, write(a) === write(b));
    assertEquals(plainKey({ value: structuredClone(a) }, LONG), plainKey({ value: a }, LONG));
  }));
});

/** Another way to write a value down, the types and the order of members included. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `list(${value.map(write).join(" ")})`;
  if (typeof value === "object" && value !== null) {
    return `members(${
      Reflect.ownKeys(value).map((name) => `${write(name)} ${write(Reflect.get(value, name))}`)
        .join(" ")
    })`;
  }
  return Object.is(value, -0) ? "number -0" : `${typeof value} ${JSON.stringify(String(value))}`;
}

Deno.test("Values that JSON confuses have keys of their own", () => {
  const values = [0, -0, NaN, null, undefined, "null", 1n, 1, "1", [], {}, [1], [[1]], [undefined]];
  const members = [{ a: undefined }, { a: 1, b: 2 }, { b: 2, a: 1 }, { "a:1,b": 2 }];
  const keys = [...values, ...members].map((value) => plainKey({ value }, LONG));
  assert(keys.every((key) => key !== undefined));
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("A text and the value of that text are not the same", () => {
  assertNotEquals(plainKey("30", LONG), plainKey({ value: "30" }, LONG));
  assertNotEquals(plainKey("30", LONG), plainKey({ value: 30 }, LONG));
});

Deno.test("An integer in the place of a text has the key of that text", () => {
  assertEquals(plainKey(-30, LONG), plainKey("-30", LONG));
  assertEquals(plainKey(123456789, 9), undefined);
});

Deno.test("What is no plain data has no key", () => {
  const self: unknown[] = [];
  self.push(self);
  const odd = [new Map(), new Uint8Array(1), new Date(), () => 1, Symbol(), new Array(2), self];
  const own = Object.assign([1], { more: true });
  for (const value of [...odd, own, { odd }, new (class X {})()]) {
    assertEquals(plainKey({ value }, LONG), undefined);
  }
});

Deno.test("A key is no longer than it may be", () => {
  assertEquals(plainKey("12345678", 9), "t12345678");
  assertEquals(plainKey("123456789", 9), undefined);
  assertEquals(plainKey({ value: [1, 2] }, 6), "v[1,2,]".length <= 6 ? "" : undefined);
  fc.assert(fc.property(data, fc.nat(40), (value, most) => {
    assert((plainKey({ value }, most)?.length ?? 0) <= most);
  }));
});
