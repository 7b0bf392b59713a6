import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Command,
  type CommandOptions,
  formatCommand,
  isInteger,
  isJobName,
  parseCommand,
  type Request,
} from "../../src/protocol/mod.ts";

const JOBS = ["fib", "primes", "sha256", "sleep", "spin"];
const ALL: CommandOptions = { dialects: "all", jobs: new Set(JOBS), defaultJob: "fib" };
const NUMBERS: CommandOptions = { ...ALL, dialects: "numbers" };

const invalid: Command = { kind: "invalid-number" };
const job = (name: string, text: string): Command => ({ kind: "job", name, text });
const unknown = (name: string, suggestion?: string): Command => ({
  kind: "unknown-job",
  name,
  suggestion,
});

const table: readonly [line: string, command: Command][] = [
  ["30", job("fib", "30")],
  ["-0x1E", job("fib", "-0x1E")],
  ["fib 30", job("fib", "30")],
  ["fib", job("fib", "")],
  ["fib ", job("fib", "")],
  ["sha256  a  b ", job("sha256", " a  b ")],
  ["sha256 \t", job("sha256", "\t")],
  ["HELP", { kind: "help", job: undefined }],
  ["HELP fib", { kind: "help", job: "fib" }],
  ["JOBS", { kind: "jobs" }],
  ["PING", { kind: "ping" }],
  ["STATS", { kind: "stats", job: undefined }],
  ["STATS fib", { kind: "stats", job: "fib" }],
  ["STATS ", invalid],
  ["STATS fibb", unknown("fibb", "fib")],
  ["QUIT", { kind: "quit" }],
  ["", invalid],
  [" ", invalid],
  [" 30", invalid],
  ["30 ", invalid],
  ["hello", invalid],
  ["foo", invalid],
  ["abc", invalid],
  ["12a", invalid],
  ["3.14", invalid],
  ["HELP ", invalid],
  ["HELP Fib", invalid],
  ["PING now", invalid],
  ["ping", invalid],
  ["constructor", invalid],
  ["\0", invalid],
  ["{}", { kind: "rpc", line: "{}" }],
  [" \t[1]", { kind: "rpc", line: " \t[1]" }],
  ["CANCEL 3", { kind: "cancel", number: 3 }],
  ["CANCEL 0", invalid],
  ["CANCEL", invalid],
  ["CANCEL x", invalid],
  ["fibb 3", unknown("fibb", "fib")],
  ["fbi 3", unknown("fbi", "fib")],
  ["fob", unknown("fob", "fib")],
  ["pirmes 10", unknown("pirmes", "primes")],
  ["prime", unknown("prime", "primes")],
  ["sha265 x", unknown("sha265", "sha256")],
  ["sha-256 x", unknown("sha-256", "sha256")],
  ["fi.b 3", invalid],
  ["fib\t30", invalid],
  ["Fib 30", invalid],
  ["HELP fbi", unknown("fbi", "fib")],
  ["HELP zebra", unknown("zebra")],
  ["GET / HTTP/1.1", { kind: "foreign", protocol: "http" }],
  ["POST /jobs HTTP/1.0", { kind: "foreign", protocol: "http" }],
  ["PRI * HTTP/2.0", { kind: "foreign", protocol: "http" }],
  ["GET /", invalid],
  ["\x16\x03\x01\x02", { kind: "foreign", protocol: "tls" }],
];

for (const [line, command] of table) {
  Deno.test(`parseCommand(${JSON.stringify(line)}) is ${JSON.stringify(command)}`, () => {
    assertEquals(parseCommand(line, ALL), command);
  });
}

Deno.test("parseCommand() with the dialect of numbers takes integers and nothing else", () => {
  for (const [line] of table) {
    const expected = isInteger(line) ? job("fib", line) : invalid;
    assertEquals(parseCommand(line, NUMBERS), expected);
  }
});

Deno.test("parseCommand() sends number lines to the default job", () => {
  assertEquals(parseCommand("7", { ...ALL, defaultJob: "primes" }), job("primes", "7"));
});

Deno.test("parseCommand() knows jobs from a to z", () => {
  const options = { ...ALL, jobs: new Set(["add", "zip"]) };
  assertEquals(parseCommand("add 1", options), job("add", "1"));
  assertEquals(parseCommand("zip 1", options), job("zip", "1"));
});

const word = fc.constantFrom(
  ...JOBS,
  "HELP",
  "PING",
  "QUIT",
  "GET",
  "fibb",
  "30",
  "-",
  "{",
  "",
  " ",
);
const anyLine = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.oneof(word, fc.string()), { maxLength: 4 }).map((words) => words.join(" ")),
);

Deno.test("parseCommand() gives one command for any line, and never throws", () => {
  fc.assert(fc.property(anyLine, (line) => {
    const command = parseCommand(line, ALL);
    if (command.kind === "job") assertEquals(ALL.jobs.has(command.name), true);
    if (command.kind === "unknown-job") assertEquals(ALL.jobs.has(command.name), false);
    assertEquals(isInteger(line), command.kind === "job" && command.text === line);
  }));
});

const jobText = fc.string({ unit: "binary" }).filter((text) => !/\n|\r$/.test(text));
const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("job" as const), name: fc.constantFrom(...JOBS), text: jobText }),
  fc.record({
    kind: fc.constantFrom("help" as const, "stats" as const),
    job: fc.option(fc.constantFrom(...JOBS), { nil: undefined }),
  }),
  fc.integer({ min: 1 }).map((number) => ({ kind: "cancel" as const, number })),
  fc.constantFrom<Request>({ kind: "jobs" }, { kind: "ping" }, { kind: "quit" }),
);

Deno.test("parseCommand() reads what formatCommand() writes", () => {
  fc.assert(fc.property(anyRequest, (request) => {
    assertEquals(parseCommand(formatCommand(request), ALL), request);
  }));
});

Deno.test("formatCommand() refuses a text that would end its line", () => {
  for (const text of ["a\nb", "a\n", "a\r"]) {
    assertThrows(
      () => formatCommand({ kind: "job", name: "fib", text }),
      RangeError,
      `the text for the job "fib" holds a line end`,
    );
  }
});

Deno.test("formatCommand() refuses what is no job's name", () => {
  for (const name of ["", "HELP", "a b", "3", "x\n"]) {
    assertThrows(
      () => formatCommand({ kind: "job", name, text: "" }),
      RangeError,
      "a job's name is",
    );
    assertThrows(() => formatCommand({ kind: "help", job: name }), RangeError, "a job's name is");
  }
});

Deno.test("isJobName() takes 63 characters and no more", () => {
  assertEquals(isJobName("a".repeat(63)), true);
  assertEquals(isJobName("a".repeat(64)), false);
  assertEquals(isJobName("a-b_9"), true);
  assertEquals(isJobName("-a"), false);
});
