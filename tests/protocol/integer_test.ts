import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isInteger, parseInteger } from "../../src/protocol/integer.ts";

/** The rule again, as OCaml's runtime has it: a digit at a time, checking as it goes. */
function model(text: string): bigint | undefined {
  const characters = [...text];
  const negative = characters[0] === "-";
  if (negative || characters[0] === "+") characters.shift();
  const base = takeBase(characters);
  let value: bigint | undefined;
  for (const character of characters) {
    if (character === "_" && value !== undefined) continue;
    const digit = "0123456789abcdef".indexOf(character.toLowerCase());
    if (digit < 0 || digit >= base.radix) return undefined;
    value = (value ?? 0n) * BigInt(base.radix) + BigInt(digit);
    if (value > 2n ** 64n) return undefined;
  }
  if (value === undefined) return undefined;
  const signed = negative ? -value : value;
  if (!base.wraps) return BigInt.asIntN(63, signed) === signed ? signed : undefined;
  return BigInt.asUintN(63, value) === value ? BigInt.asIntN(63, signed) : undefined;
}

function takeBase(characters: string[]): { radix: number; wraps: boolean } {
  const radix = { x: 16, o: 8, b: 2, u: 10 }[(characters[1] ?? "").toLowerCase()];
  if (characters[0] !== "0" || radix === undefined) return { radix: 10, wraps: false };
  characters.splice(0, 2);
  return { radix, wraps: true };
}

function asBigInt(value: bigint | number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

const edge = fc.constantFrom(0n, 2n ** 53n, 2n ** 62n, 2n ** 63n, 2n ** 64n);
const nearEdge = fc.tuple(edge, fc.bigInt(-3n, 3n)).map(([a, b]) => a + b < 0n ? -(a + b) : a + b);
const magnitude = fc.oneof(nearEdge, fc.bigInt(0n, 2n ** 65n), fc.bigInt(0n, 1000n));
const wellFormed = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    fc.constantFrom(["", 10], ["0x", 16], ["0X", 16], ["0o", 8], ["0O", 8], ["0b", 2], ["0B", 2], [
      "0u",
      10,
    ], ["0U", 10]),
    fc.constantFrom("", "0", "000", "0_", "0__0_"),
    magnitude,
    fc.constantFrom("", "_", "__"),
  )
  .map(([sign, [prefix, radix], zeros, value, tail]) =>
    `${sign}${prefix}${zeros}${value.toString(Number(radix))}${tail}`
  );
const noise = fc.string({
  unit: fc.constantFrom(..."0123456789abcdefxXoObBuUF_-+ \n\0.", "٣", "é"),
  maxLength: 24,
});
const damaged = fc.tuple(wellFormed, fc.nat(70), fc.constantFrom(..."_-+ gxz\r")).map(
  ([text, at, bad]) => text.slice(0, at) + bad + text.slice(at),
);
const numberLike = fc.oneof(wellFormed, noise, damaged);

Deno.test("parseInteger() agrees with the model on 10,000 number-like lines", () => {
  fc.assert(
    fc.property(numberLike, (text) => {
      assertEquals(asBigInt(parseInteger(text)), model(text));
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("isInteger() is true exactly where parseInteger() finds an integer", () => {
  fc.assert(
    fc.property(numberLike, (text) => {
      assertEquals(isInteger(text), model(text) !== undefined);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("parseInteger() gives a number exactly where the integer is safe in a double", () => {
  fc.assert(fc.property(wellFormed, (text) => {
    const value = parseInteger(text);
    if (value === undefined) return;
    assertEquals(typeof value === "number", -(2n ** 53n) < value && value < 2n ** 53n);
  }));
  assertEquals(parseInteger("9007199254740991"), 9007199254740991);
  assertEquals(parseInteger("9007199254740993"), 9007199254740993n);
});

const examples: readonly [text: string, value: bigint | number | undefined][] = [
  ["30", 30],
  ["+30", 30],
  ["-30", -30],
  ["007", 7],
  ["-0", 0],
  ["+0", 0],
  ["1_000", 1000],
  ["1__0_", 10],
  ["0_", 0],
  ["0xff", 255],
  ["0XfF", 255],
  ["-0x10", -16],
  ["0o17", 15],
  ["0b101", 5],
  ["0u7", 7],
  ["-0u1", -1],
  ["0x0_", 0],
  ["4611686018427387903", 4611686018427387903n],
  ["4611686018427387904", undefined],
  ["-4611686018427387904", -4611686018427387904n],
  ["-4611686018427387905", undefined],
  ["0x7fffffffffffffff", -1],
  ["-0x7fffffffffffffff", 1],
  ["0x8000000000000000", undefined],
  ["0x4000000000000000", -4611686018427387904n],
  ["-0x4000000000000000", -4611686018427387904n],
  ["0u9223372036854775807", -1],
  ["0u9223372036854775808", undefined],
  ["", undefined],
  ["-", undefined],
  ["+", undefined],
  ["--1", undefined],
  ["+-1", undefined],
  ["_1", undefined],
  ["-_1", undefined],
  ["0x", undefined],
  ["0x_1", undefined],
  ["0xg", undefined],
  ["0o8", undefined],
  ["0b2", undefined],
  ["00x1", undefined],
  ["0x-1", undefined],
  [" 1", undefined],
  ["1 ", undefined],
  ["1\r", undefined],
  ["1\n", undefined],
  ["1\0", undefined],
  ["1.0", undefined],
  ["1e3", undefined],
  ["1n", undefined],
  ["Infinity", undefined],
  ["٣", undefined],
];

for (const [text, value] of examples) {
  Deno.test(`parseInteger(${JSON.stringify(text)}) is ${value}`, () => {
    assertEquals(Object.is(parseInteger(text), value), true);
    assertEquals(isInteger(text), value !== undefined);
  });
}

Deno.test("parseInteger() reads any number of zeros and rejects any number of digits", () => {
  assertEquals(parseInteger("0".repeat(65_536) + "7"), 7);
  assertEquals(parseInteger("0b" + "0".repeat(65_536) + "1".repeat(63)), -1);
  assertEquals(parseInteger("0b" + "0_".repeat(32_768) + "1_".repeat(63)), -1);
  assertEquals(parseInteger("0b" + "1_".repeat(64)), undefined);
  assertEquals(parseInteger("9".repeat(65_536)), undefined);
});
