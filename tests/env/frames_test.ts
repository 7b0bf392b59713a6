import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeFrame, FrameReader } from "../../src/env/frames.ts";

/** Cuts bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % bytes.length), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}

Deno.test("FrameReader gives the messages that were encoded, wherever the bytes are cut", () => {
  const messages = fc.array(fc.anything({ withDate: true, withBigInt: true, withMap: true }), {
    minLength: 1,
  });
  fc.assert(fc.property(messages, fc.array(fc.nat()), (sent, places) => {
    const bytes = Uint8Array.from(sent.flatMap((message) => [...encodeFrame(message)]));
    const reader = new FrameReader();
    const heard = cut(bytes, places).flatMap((chunk) => [...reader.push(chunk)]);
    assertEquals(heard, structuredClone(sent));
  }));
});

Deno.test("FrameReader takes a message apart that comes byte by byte", () => {
  const reader = new FrameReader();
  const heard = [...encodeFrame({ a: [1] })].flatMap((byte) => [
    ...reader.push(new Uint8Array([byte])),
  ]);
  assertEquals(heard, [{ a: [1] }]);
});

Deno.test("A frame that claims to be longer than the limit is refused before it is there", () => {
  const header = new Uint8Array([0xff, 0, 0, 0]);
  assertThrows(() => [...new FrameReader().push(header)], RangeError, "the limit is 67108864");
});

Deno.test("Bytes that are no message are an error, not a message", () => {
  const reader = new FrameReader();
  assertThrows(() => [...reader.push(new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d]))]);
});
