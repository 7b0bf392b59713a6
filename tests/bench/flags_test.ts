import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FlagError, headOf, parse } from "../../bench/flags.ts";

const DEFAULTS = { rounds: 3, only: "", write: false };

Deno.test("flags have the type of their defaults", () => {
  const { flags, words } = parse(["--rounds", "5", "--only=fib20", "--write"], DEFAULTS, false);
  assertEquals(flags, { rounds: 5, only: "fib20", write: true });
  assertEquals(words, []);
});

Deno.test("a flag that is not given is its default", () => {
  assertEquals(parse([], DEFAULTS, false).flags, DEFAULTS);
});

Deno.test("words are taken where there may be some, as they are", () => {
  assertEquals(parse(["race", "007", "--write"], DEFAULTS, true).words, ["race", "007"]);
});

const bad = [
  { args: ["--round", "5"], why: "Cannot use --round: there is no such flag; there are --rounds" },
  { args: ["--round=5"], why: "there is no such flag" },
  { args: ["-x"], why: "Cannot use -x" },
  { args: ["race"], why: 'Cannot use "race": this takes flags only' },
  { args: ["--rounds", "many"], why: "Cannot use --rounds many: it takes a number above 0" },
  { args: ["--rounds", "0"], why: "it takes a number above 0" },
  { args: ["--rounds"], why: "it takes a number above 0" },
];

for (const { args, why } of bad) {
  Deno.test(`${args.join(" ")} is refused in words`, () => {
    const error = assertThrows(() => parse(args, DEFAULTS, false), FlagError);
    assertStringIncludes(error.message, why);
  });
}

Deno.test("every bench says of itself what it does, and how it is called", async () => {
  const folder = new URL("../../bench/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith("_bench.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, folder));
    if (!source.includes("readFlags") && !source.includes("readWords")) continue;
    const head = headOf(source);
    assertStringIncludes(head, `deno task bench`, name);
    assertEquals(head.includes(" * "), false);
    assertEquals(head.includes("@module"), false);
  }
});
