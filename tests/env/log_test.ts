import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { FakeLog, type LineLogOptions } from "../../src/env/mod.ts";
import { lineLog } from "../../src/env/line_log.ts";
import { addContext } from "../../src/switch/mod.ts";

function setUp(options: LineLogOptions = {}) {
  const lines: string[] = [];
  const log = lineLog((line) => void lines.push(line), () => 1000, options);
  return { log, lines };
}

Deno.test("A text line is the time, the level, the message and the fields", () => {
  const { log, lines } = setUp();
  log.info("listening", { address: "127.0.0.1:8080", cores: 2, note: 'a "b" c', empty: "" });
  assertEquals(lines, [
    '1970-01-01T00:00:01.000Z INFO  listening address=127.0.0.1:8080 cores=2 note="a \\"b\\" c" empty=""\n',
  ]);
});

Deno.test("A json line is one object", () => {
  const { log, lines } = setUp({ format: "json" });
  log.warn("late", { ms: 12, of: { job: "fib" }, size: 10n, level: "mine", gone: undefined });
  assertEquals(lines.map((line) => JSON.parse(line)), [{
    time: "1970-01-01T00:00:01.000Z",
    level: "warn",
    message: "late",
    ms: 12,
    of: { job: "fib" },
    size: "10",
    level_: "mine",
  }]);
});

Deno.test("A log leaves out what is below its level", () => {
  for (const [level, count] of [["debug", 4], ["info", 3], ["warn", 2], ["error", 1]] as const) {
    const { log, lines } = setUp({ level });
    for (const at of ["debug", "info", "warn", "error"] as const) log[at]("x");
    assertEquals(lines.length, count);
  }
});

Deno.test("with() adds its fields to every line, and a line's own win", () => {
  const { log, lines } = setUp();
  log.with({ scope: "a", lane: 1 }).with({ lane: 2 }).info("m", { extra: true });
  assertStringIncludes(lines[0]!, "m scope=a lane=2 extra=true");
});

Deno.test("An error is its message and those of its causes and parts, without a stack", () => {
  const { log, lines } = setUp();
  const cause = new AggregateError([new Error("one"), "two"], "Both failed");
  log.error("handling", { error: new Error("Cannot go on", { cause }) });
  assertStringIncludes(lines[0]!, 'error="Cannot go on, because: Both failed (one; two)"');
});

Deno.test("A cause whose message ends the error's own is not repeated", () => {
  const { log, lines } = setUp();
  log.error("oh", { error: addContext(new Error("no luck"), "reading") });
  assertStringIncludes(lines[0]!, 'error="reading: no luck"');
});

Deno.test("At the debug level an error is its stack, still in one line", () => {
  const { log, lines } = setUp({ level: "debug" });
  log.error("handling", { error: new Error("no luck") });
  assertMatch(lines[0]!, /^[^\n]* {4}at [^\n]*\n$/);
});

Deno.test("At the debug level an error is its causes' stacks as well", () => {
  const { log, lines } = setUp({ level: "debug" });
  log.error("handling", { error: addContext(new RangeError("no luck"), "reading") });
  assertMatch(lines[0]!, /reading: no luck.* {4}at .*Caused by: RangeError: no luck.* {4}at /);
});

Deno.test("A log survives what cannot be written: cycles, throwing getters, causes in a circle", () => {
  for (const format of ["text", "json"] as const) {
    const { log, lines } = setUp({ format });
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const error = new Error("round");
    error.cause = new Error("and round", { cause: error });
    const thrower = {
      get x() {
        throw new Error("no");
      },
    };
    log.info("m", { cycle, thrower, error, symbol: Symbol("s"), fn: () => {}, none: null });
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0]!, "round, because: and round");
  }
});

Deno.test("No text can forge a line of the log, or move the reader's cursor", () => {
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("a\nb", "\x1b[2J", "\r", "\u2028", "\u202e", "\x9b", "\0"),
  );
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.constantFrom("text", "json"),
      (message, key, value, format) => {
        const { log, lines } = setUp({ format: format as "text" | "json" });
        log.info(message, { [key]: value, error: new Error(value), list: [value] });
        assertEquals(lines.length, 1);
        assert(lines[0]!.endsWith("\n"));
        assertFalse(unsafe.test(lines[0]!.slice(0, -1)));
        if (format === "json") assertEquals(JSON.parse(lines[0]!).list, [value]);
      },
    ),
  );
});

Deno.test("FakeLog keeps the records of every level", () => {
  const log = new FakeLog(() => 5);
  log.with({ a: 1 }).debug("x", { b: 2 });
  log.error("y");
  assertEquals(log.records[0], { time: 5, level: "debug", message: "x", fields: { a: 1, b: 2 } });
  assertEquals(log.messages("error"), ["y"]);
});

Deno.test("The real log writes its lines to the standard error stream, in order, before exit", async () => {
  const source = new URL("../../src/env/mod.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const code = `const { realEnv } = await import("${source}");
    const { log } = realEnv({ log: { format: "json" } });
    for (let i = 0; i < 1000; i++) log.info("line", { i });
    Deno.exit(0);`;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--config", config, code],
  }).output();
  const lines = new TextDecoder().decode(stderr).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line).i), Array.from({ length: 1000 }, (_, i) => i));
});
