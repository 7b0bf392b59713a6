import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { nearest, slipsBetween } from "../../src/protocol/near.ts";

const distances: readonly [a: string, b: string, slips: number][] = [
  ["", "", 0],
  ["", "abc", 3],
  ["fib", "fib", 0],
  ["fib", "fibb", 1],
  ["fib", "fb", 1],
  ["fib", "fob", 1],
  ["fib", "fbi", 1],
  ["ab", "ba", 1],
  ["ca", "abc", 3],
  ["kitten", "sitting", 3],
];

for (const [a, b, slips] of distances) {
  Deno.test(`slipsBetween("${a}", "${b}") is ${slips}`, () => {
    assertEquals(slipsBetween(a, b), slips);
    assertEquals(slipsBetween(b, a), slips);
  });
}

const shortWord = fc.string({ unit: fc.constantFrom(..."abc"), maxLength: 8 });

Deno.test("slipsBetween() is 0 for equal words alone, and at most the longer word's length", () => {
  fc.assert(fc.property(shortWord, shortWord, (a, b) => {
    assertEquals(slipsBetween(a, b) === 0, a === b);
    assertLessOrEqual(slipsBetween(a, b), Math.max(a.length, b.length));
  }));
});

Deno.test("slipsBetween() counts one slip for a swap of neighbours anywhere", () => {
  fc.assert(fc.property(shortWord, shortWord, (before, after) => {
    assertEquals(slipsBetween(`${before}xy${after}`, `${before}yx${after}`), 1);
  }));
});

Deno.test("nearest() is the candidate with the fewest slips, the first of equals", () => {
  assertEquals(nearest("primse", ["prisms", "primes"]), "primes");
  assertEquals(nearest("spim", ["spin", "spit"]), "spin");
});

Deno.test("nearest() forgives two slips, but one only in a word of up to four letters", () => {
  assertEquals(nearest("plimez", ["primes"]), "primes");
  assertEquals(nearest("plimezz", ["primes"]), undefined);
  assertEquals(nearest("foo", ["fib"]), undefined);
});

Deno.test("nearest() never gives the word itself", () => {
  assertEquals(nearest("fib", ["fib"]), undefined);
  assertEquals(nearest("fib", []), undefined);
});

Deno.test("nearest() overlooks nobody who is near", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abcde_9"), minLength: 5, maxLength: 8 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 20 }), (wanted, candidates) => {
      const slips = candidates.filter((one) => one !== wanted).map((one) =>
        slipsBetween(wanted, one)
      );
      assertEquals(nearest(wanted, candidates) !== undefined, slips.some((count) => count <= 2));
    }),
    { numRuns: 1000 },
  );
});
