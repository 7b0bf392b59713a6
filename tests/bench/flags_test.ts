import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FlagError, headOf, parse } from "../../bench/flags.ts";

const DEFAULTS = { rounds: 3, wait: 0, only: "", write: false };

Deno.test("flags have the type of their defaults", () => {
  const { flags, words } = parse(["--rounds", "5", "--only=fib20", "--write"], DEFAULTS, false);
  assertEquals(flags, { rounds: 5, wait: 0, only: "fib20", write: true });
  assertEquals(words, []);
});

Deno.test("a flag that is not given is its default", () => {
  assertEquals(parse([], DEFAULTS, false).flags, DEFAULTS);
});

Deno.test("a number may be 0 where that is its default", () => {
  assertEquals(parse(["--wait", "0"], DEFAULTS, false).flags.wait, 0);
});

Deno.test("words are taken where there may be some, as they are", () => {
  assertEquals(parse(["race", "007", "--write"], DEFAULTS, true).words, ["race", "007"]);
});

const bad = [
  { args: ["--round", "5"], why: "There is --rounds, --wait, --only, --write" },
  { args: ["--round=5"], why: "Unknown option '--round'" },
  { args: ["-x"], why: "Unknown option '-x'" },
  { args: ["race"], why: "race" },
  { args: ["--", "--rounds", "5"], why: "--rounds" },
  { args: ["--write=0"], why: "does not take an argument" },
  { args: ["--write", "false"], why: "false" },
  { args: ["--only"], why: "argument missing" },
  { args: ["--rounds"], why: "argument missing" },
  { args: ["--rounds", "many"], why: '--rounds takes a number above 0, and not "many"' },
  { args: ["--rounds", "0"], why: '--rounds takes a number above 0, and not "0"' },
  { args: ["--rounds=-5"], why: '--rounds takes a number above 0, and not "-5"' },
  { args: ["--rounds", "Infinity"], why: "--rounds takes a number above 0" },
  { args: ["--wait=-1"], why: "--wait takes 0 or a number above it" },
];

for (const { args, why } of bad) {
  Deno.test(`${args.join(" ")} is refused in words`, () => {
    const error = assertThrows(() => parse(args, DEFAULTS, false), FlagError);
    assertStringIncludes(error.message, "Cannot begin: ");
    assertStringIncludes(error.message, why);
  });
}

const BENCHES = new URL("../../bench/", import.meta.url);

/** The flags that a bench reads, as its source has them. */
function flagsIn(source: string): string[] {
  const [, defaults = ""] = /read(?:Flags|Words)\(\{(.*?)\}\)/s.exec(source) ?? [];
  return [...defaults.matchAll(/(\w+):/g)].map(([, name]) => name!);
}

Deno.test("every bench that has flags tells of each at its head, which --help shows", async () => {
  const told: string[] = [];
  for await (const { name } of Deno.readDir(BENCHES)) {
    if (!name.endsWith("_bench.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, BENCHES));
    const flags = flagsIn(source);
    if (flags.length === 0) continue;
    const head = headOf(source);
    for (const flag of flags) assertStringIncludes(head, `--${flag}`, name);
    assert(!head.includes(" * ") && !head.includes("@module"), name);
    told.push(...flags);
  }
  assert(told.includes("wait") && told.includes("cycles") && told.length > 20, `${told}`);
});
