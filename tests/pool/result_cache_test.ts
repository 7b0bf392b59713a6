import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ResultCache } from "../../src/pool/reuse/result_cache.ts";
import { sizeOf } from "../../src/pool/reuse/size_of.ts";

Deno.test("A result is given again until its time is over", () => {
  const cache = new ResultCache({ ttlMs: 10 });
  cache.set("a", 1, 100);
  assertEquals(cache.get("a", 109), { result: 1 });
  assertEquals(cache.get("a", 110), undefined);
  assertEquals([cache.hits, cache.misses, cache.entries, cache.bytes], [1, 1, 0, 0]);
});

Deno.test("The result that was least recently asked for makes room first", () => {
  const cache = new ResultCache({ ttlMs: 10, maxEntries: 2 });
  cache.set("a", 1, 0);
  cache.set("b", 2, 0);
  cache.get("a", 1);
  cache.set("c", 3, 1);
  assertEquals(["a", "b", "c"].map((key) => cache.get(key, 2)?.result), [1, undefined, 3]);
  assertEquals(cache.evictions, 1);
});

Deno.test("What is done to a result changes neither the one kept nor that of another", () => {
  const cache = new ResultCache({ ttlMs: 10 });
  const result = { list: [1] };
  cache.set("a", result, 0);
  result.list.push(2);
  const first = cache.get("a", 1)!.result as typeof result;
  first.list.push(3);
  assertEquals(cache.get("a", 1)!.result, { list: [1] });
});

Deno.test("A result that is too large, or whose size cannot be told, is not kept", () => {
  const cache = new ResultCache({ ttlMs: 10, maxBytes: 1_000 });
  for (const result of ["x".repeat(500), new Uint8Array(1_000), new Map(), [new Set()]]) {
    cache.set("a", result, 0);
    assertEquals([cache.entries, cache.bytes], [0, 0]);
  }
});

Deno.test("A value that holds itself many times over is weighed in bounded time", () => {
  let value: unknown = "x";
  for (let depth = 0; depth < 64; depth++) value = [value, value];
  assertEquals(sizeOf(value, 100_000), undefined);
  const self: unknown[] = [];
  self.push(self);
  assertEquals(sizeOf(self, 100_000), undefined);
});

Deno.test("A size is at least what the data holds", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
    assert(sizeOf(value, Infinity)! >= JSON.stringify(value).length / 3);
  }));
});

Deno.test("Options that keep nothing are refused", () => {
  for (const option of [{ ttlMs: 0 }, { ttlMs: 1, maxEntries: NaN }, { ttlMs: 1, maxBytes: -1 }]) {
    assertThrows(() => new ResultCache(option), RangeError, "Cannot cache results: ");
  }
});

const step = fc.record({
  key: fc.constantFrom("a", "b", "c", "d"),
  sets: fc.boolean(),
  size: fc.nat(200),
  waits: fc.nat(5),
});

Deno.test("A cache is never over its limits, and never gives what is stale or wrong", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
    const cache = new ResultCache({ ttlMs: 10, maxEntries: 3, maxBytes: 1_200 });
    const last = new Map<string, { result: string; atMs: number }>();
    let nowMs = 0;
    for (const { key, sets, size, waits } of steps) {
      nowMs += waits;
      if (sets) {
        const result = "x".repeat(size);
        cache.set(key, result, nowMs);
        last.set(key, { result, atMs: nowMs });
      }
      const kept = cache.get(key, nowMs);
      if (kept !== undefined) {
        assertEquals(kept.result, last.get(key)!.result);
        assert(nowMs - last.get(key)!.atMs < 10);
      } else {
        assert(!sets);
      }
      assert(cache.entries <= 3 && cache.bytes <= 1_200 && cache.bytes >= cache.entries * 128);
    }
  }));
});
