import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isDeeperThan, itemSources, memberSources } from "../../src/protocol/json_source.ts";

const blanks = fc.stringMatching(/^[ \t]{0,2}$/);

/** A value as JSON with blanks in its outermost level, and strings that look like structure. */
const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false }).map((value) =>
  JSON.stringify(value)
);
const tricky = fc.array(fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", " ", "a"))
  .map((characters) => JSON.stringify(characters.join("")));
const source = fc.oneof(json, tricky, fc.constantFrom("1e400", "12345678901234567890", "-0.0"));

Deno.test("itemSources() gives the sources of which an array was made, less the blanks", () => {
  const property = fc.property(fc.array(source), blanks, (sources, blank) => {
    const text = `${blank}[${blank}${sources.join(`${blank},${blank}`)}${blank}]${blank}`;
    assertEquals(itemSources(text), sources);
  });
  fc.assert(property);
});

Deno.test("memberSources() gives the sources of which an object was made, the last of a name", () => {
  const members = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant("a")), source));
  const property = fc.property(members, blanks, (members, blank) => {
    const parts = members.map(([name, value]) =>
      [JSON.stringify(name), value].join(`${blank}:${blank}`)
    );
    const text = `{${blank}${parts.join(`${blank},${blank}`)}${blank}}`;
    assertEquals(memberSources(text), new Map(members));
  });
  fc.assert(property);
});

Deno.test("memberSources() knows a name however it is written", () => {
  assertEquals(memberSources('{"\\u0069d": 7}').get("id"), "7");
});

Deno.test("isDeeperThan() counts arrays and objects in each other, and not those in strings", () => {
  const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(isDeeperThan(10, nest(10)), false);
  assertEquals(isDeeperThan(10, nest(11)), true);
  assertEquals(isDeeperThan(10, '{"a":['.repeat(6)), true);
  assertEquals(isDeeperThan(10, `["${"[".repeat(100)}\\"${"{".repeat(100)}"]`), false);
  assertEquals(isDeeperThan(10, `[${nest(9)},${nest(9)},${nest(9)}]`), false);
});

Deno.test("isDeeperThan() ends, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.nat(5), (text, most) => {
    const openings = text.replace(/[^[{]/g, "").length;
    if (isDeeperThan(most, text)) assert(openings > most);
  }));
});
