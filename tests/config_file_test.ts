import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, parseConfigFile, parseConfigWith } from "../src/config.ts";
import { fileKeyOf, OPTION_KEYS, OPTIONS } from "../src/config_options.ts";
import { fakeVars } from "../src/env/mod.ts";

const PATH = "/srv/app/switchyard.json";

function read(content: unknown) {
  return parseConfigFile(JSON.stringify(content), PATH);
}

Deno.test("A file's option goes before the default, a variable and a flag go before the file", () => {
  const file = read({ maxQueue: 5, maxInFlight: 6, deadline: "2s", cores: "all" });
  const vars = fakeVars({ SWITCHYARD_MAX_IN_FLIGHT: "7" });
  const config = parseConfigWith(file, ["--deadline", "3s"], vars);
  const { maxQueue, maxInFlight, deadlineMs, maxConnections } = config;
  assertEquals([maxQueue, maxInFlight, deadlineMs, maxConnections], [5, 7, 3_000, 1024]);
});

Deno.test("Every option but the file itself has a key in the file, which takes its default", () => {
  for (const key of OPTION_KEYS.filter((key) => key !== "config")) {
    const { flag, default: value } = OPTIONS[key];
    const config = parseConfigWith(read({ [fileKeyOf(flag)]: value }), [], fakeVars());
    const expected = value.startsWith("/") || key !== "jobs" ? config[key] : value;
    assertEquals(config[key], expected, flag);
  }
});

Deno.test("Paths in the file are relative to its folder, and other values stay as they are", () => {
  const { values, grants } = read({
    jobs: "my_jobs",
    grants: {
      convert: {
        read: ["data", "../shared/./x", "/abs"],
        write: true,
        run: ["convert", "./bin/tool"],
        net: ["example.com:443"],
        untrusted: true,
        isolation: "process",
        limits: { deadlineMs: 5, memoryMb: 64 },
      },
    },
  });
  assertEquals(values.get("jobs")?.text, "/srv/app/my_jobs");
  assertEquals(grants, {
    convert: {
      read: ["/srv/app/data", "/srv/shared/x", "/abs"],
      write: true,
      run: ["convert", "/srv/app/bin/tool"],
      net: ["example.com:443"],
      untrusted: true,
      isolation: "process",
      limits: { deadlineMs: 5, memoryMb: 64 },
    },
  });
});

const WRONG: readonly [unknown, string][] = [
  [[], `Cannot read ${PATH}: it must hold an object, {...}`],
  [
    { maxQueu: 1 },
    `Cannot use "maxQueu": there is no such option in ${PATH}; did you mean "maxQueue"?`,
  ],
  [{ maxQueue: true }, `Cannot use "maxQueue" in ${PATH}: it takes a text or a number`],
  [{ grants: [] }, `Cannot use "grants" in ${PATH}: it must be an object`],
  [{ grants: { fib: 1 } }, `Cannot use the grant of "fib" in ${PATH}: it must be an object`],
  [
    { grants: { fib: { nett: true } } },
    `Cannot use nett: there is no such key of the grant of "fib" in ${PATH}; did you mean net?`,
  ],
  [
    { grants: { fib: { net: "a" } } },
    `Cannot use "net" of the grant of "fib" in ${PATH}: it takes true, or a list of texts, got "a"`,
  ],
  [
    { grants: { fib: { untrusted: 1 } } },
    `Cannot use "untrusted" of the grant of "fib" in ${PATH}: it takes true or false, got 1`,
  ],
  [
    { grants: { fib: { isolation: "vm" } } },
    `Cannot use "isolation" of the grant of "fib" in ${PATH}: it takes auto, worker, process, got "vm"`,
  ],
  [
    { grants: { fib: { limits: { memoryMb: 8 } } } },
    `Cannot use "memoryMb" of "limits" of the grant of "fib" in ${PATH}: it takes a number of at least 16, got 8`,
  ],
];

for (const [content, sentence] of WRONG) {
  Deno.test(`The file ${JSON.stringify(content)} is refused`, () => {
    const error = assertThrows(() => read(content), ConfigError);
    assertEquals(error.message, sentence);
  });
}

Deno.test("A file that is no JSON, or whose value no option takes, is refused by its name", () => {
  const noJson = assertThrows(() => parseConfigFile("{,}", PATH), ConfigError);
  assert(noJson.message.startsWith(`Cannot read ${PATH}: it is no JSON: `), noJson.message);
  const file = read({ maxQueue: -1 });
  const wrong = assertThrows(() => parseConfigWith(file, [], fakeVars()), ConfigError);
  assertEquals(
    wrong.message,
    `Cannot use "maxQueue" in ${PATH}: "-1": it takes a whole number from 0 to 10000000`,
  );
});
