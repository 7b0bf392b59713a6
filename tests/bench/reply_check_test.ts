import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ReplyCheck } from "../../bench/load/reply_check.ts";
import { MAX_BATCH, Script } from "../../bench/load/script.ts";

const encoder = new TextEncoder();

const exchanges = fc.array(
  fc.record({
    line: fc.stringMatching(/^[0-9a-z]{1,5}$/),
    reply: fc.stringMatching(/^[A-Z]{0,6}$/),
  }),
  { minLength: 1, maxLength: 9 },
);

/** The bytes in pieces, as a socket gives them. */
function takeInPieces(check: ReplyCheck, bytes: Uint8Array, sizes: readonly number[]): number {
  let lines = 0;
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.min(sizes[i % sizes.length]!, bytes.length - at);
    lines += check.take(bytes.subarray(at, at + size), size);
    at += size;
  }
  return lines;
}

Deno.test("Right replies are counted, however they are cut into pieces", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 });
  fc.assert(fc.property(exchanges, sizes, fc.nat(30), (exchanges, sizes, count) => {
    const replies = Array.from({ length: count }, (_, i) => exchanges[i % exchanges.length]!.reply);
    const bytes = encoder.encode(replies.map((reply) => `${reply}\n`).join(""));
    const check = new ReplyCheck(new Script(exchanges));
    assertEquals(takeInPieces(check, bytes, sizes), count);
  }));
});

Deno.test("A reply with any byte changed is noticed", () => {
  fc.assert(
    fc.property(exchanges, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, change) => {
      const script = new Script(all);
      const bytes = script.replies.slice();
      bytes[at % bytes.length]! ^= change;
      assertThrows(() => new ReplyCheck(script).take(bytes, bytes.length), Error, "expected");
    }),
  );
});

Deno.test("Replies that have changed places are noticed, and quoted", () => {
  const script = new Script([{ line: "1", reply: "Result: 1" }, { line: "2", reply: "Result: 2" }]);
  const check = new ReplyCheck(script);
  const first = encoder.encode("Result: 1\nResu");
  check.take(first, first.length);
  const rest = encoder.encode("lt: 1\n");
  assertThrows(
    () => check.take(rest, rest.length),
    Error,
    'expected "Result: 2", got "Result: 1"',
  );
});

Deno.test("A batch is the lines of the cycle from its place on", () => {
  fc.assert(
    fc.property(exchanges, fc.nat(), fc.integer({ min: 1, max: MAX_BATCH }), (all, from, n) => {
      const place = from % all.length;
      const lines = Array.from({ length: n }, (_, i) => `${all[(place + i) % all.length]!.line}\n`);
      const bytes = new Script(all).requests(place, n);
      assertEquals(new TextDecoder().decode(bytes), lines.join(""));
    }),
  );
});
