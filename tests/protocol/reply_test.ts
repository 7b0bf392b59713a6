import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  formatReply,
  type LineReply,
  parseReply,
  REFUSAL_CODES,
  type Reply,
  ReplyParser,
} from "../../src/protocol/mod.ts";

const written: readonly [reply: Reply, text: string][] = [
  [{ kind: "result", text: "832040" }, "Result: 832040\n"],
  [{ kind: "result", text: "" }, "Result: \n"],
  [{ kind: "result", text: " é 🦉 [BUSY]" }, "Result:  é 🦉 [BUSY]\n"],
  [{ kind: "result", text: "a\nb" }, `Result: "a\\nb"\n`],
  [{ kind: "result", text: `"a"` }, `Result: "\\"a\\""\n`],
  [{ kind: "result", text: `a"b` }, `Result: a"b\n`],
  [{ kind: "result", text: "a\x7f\x9b\u2028" }, `Result: "a\\u007f\\u009b\\u2028"\n`],
  [{ kind: "result", text: "~\xa0" }, "Result: ~\xa0\n"],
  [{ kind: "result", text: "\x9f" }, `Result: "\\u009f"\n`],
  [{ kind: "result", text: "\ud800" }, `Result: "\\ud800"\n`],
  [{ kind: "error", message: "Invalid number" }, "Error: Invalid number\n"],
  [{ kind: "error", message: "x [BUSY]" }, `Error: "x [BUSY]"\n`],
  [{ kind: "error", message: "x [y]" }, "Error: x [y]\n"],
  [{ kind: "refusal", code: "BUSY", message: "Full" }, "Error: Full [BUSY]\n"],
  [{ kind: "refusal", code: "KILLED", message: "a\nb" }, `Error: "a\\nb" [KILLED]\n`],
  [{ kind: "pong" }, "PONG\n"],
  [{ kind: "bye", message: "" }, "BYE\n"],
  [{ kind: "bye", message: "draining" }, "BYE draining\n"],
  [{ kind: "block", lines: [] }, ".\n"],
  [{ kind: "block", lines: ["a", "", "b"] }, "a\n\nb\n.\n"],
  [{ kind: "block", lines: [".", "..a"] }, "..\n...a\n.\n"],
  [{ kind: "block", lines: ["PONG", "PONG"] }, ".PONG\nPONG\n.\n"],
  [{ kind: "block", lines: ["a\nb"] }, `"a\\nb"\n.\n`],
];

for (const [reply, text] of written) {
  Deno.test(`formatReply(${JSON.stringify(reply)}) is ${JSON.stringify(text)}`, () => {
    assertEquals(formatReply(reply), text);
  });
}

const awkward = fc.constantFrom(
  `"`,
  "\n",
  "\r",
  "\t",
  "\0",
  "\x7f",
  "\x85",
  "\u2028",
  "\ud800",
  "\udc00",
  "🦉",
  "\\",
  ".",
  " ",
  " [BUSY]",
  " [A_B]",
  "[BUSY]",
  "Result: ",
  "Error: ",
  "PONG",
  "BYE",
  "BYE ",
);
const anyText = fc.array(fc.oneof(awkward, fc.string({ unit: "binary", maxLength: 6 })), {
  maxLength: 4,
}).map((parts) => parts.join(""));

const anyLineReply: fc.Arbitrary<LineReply> = fc.oneof(
  fc.record({ kind: fc.constant("result" as const), text: anyText }),
  fc.record({ kind: fc.constant("error" as const), message: anyText }),
  fc.record({
    kind: fc.constant("refusal" as const),
    code: fc.constantFrom(...REFUSAL_CODES),
    message: anyText,
  }),
  fc.constant({ kind: "pong" as const }),
  fc.record({ kind: fc.constant("bye" as const), message: anyText }),
);
const anyBlock = fc.record({
  kind: fc.constant("block" as const),
  lines: fc.array(anyText, { maxLength: 5 }),
});
const anyReply: fc.Arbitrary<Reply> = fc.oneof(anyLineReply, anyBlock);

Deno.test("formatReply() writes every reply but a block on exactly one line", () => {
  fc.assert(fc.property(anyLineReply, (reply) => {
    assertMatch(formatReply(reply), /^[^\p{Cc}\u2028\u2029]*\n$/u);
  }));
});

Deno.test("What does not stand on a line is found in a text however long, wherever it is", () => {
  const odd = ["\n", "\x1f", "\x7f", "\x9f", "\u2028", "\ud800"];
  for (const [index, code] of [...odd, ...odd].entries()) {
    for (const [before, after] of [[0, 60_000], [100, 0], [30_000, 30_000]] as const) {
      const accent = index < odd.length ? "" : "é";
      const text = "~".repeat(before) + accent + code + " ".repeat(after) + "x";
      const line = formatReply({ kind: "result", text });
      assertEquals(line.startsWith('Result: "'), true);
      assertEquals(parseReply(line.slice(0, -1)), { kind: "result", text });
    }
  }
  for (const end of ['é"\\', "", '"', "\\", "{}", "\xa0"]) {
    const plain = `${"~ ".repeat(30_000)}${end}`;
    assertEquals(formatReply({ kind: "result", text: plain }), `Result: ${plain}\n`);
  }
});

Deno.test("parseReply() reads what formatReply() writes", () => {
  fc.assert(
    fc.property(anyLineReply, (reply) => {
      assertEquals(parseReply(formatReply(reply).slice(0, -1)), reply);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("ReplyParser reads what formatReply() writes, through UTF-8, whatever follows what", () => {
  fc.assert(
    fc.property(fc.array(anyReply, { maxLength: 6 }), (replies) => {
      const bytes = new TextEncoder().encode(replies.map(formatReply).join(""));
      const lines = new TextDecoder().decode(bytes).split("\n");
      const parser = new ReplyParser();
      const read = lines.slice(0, -1).map((line) => parser.push(line)).filter(Boolean);
      assertEquals(read, replies);
      assertEquals(parser.isInBlock, false);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("ReplyParser knows that a block was cut", () => {
  const parser = new ReplyParser();
  assertEquals(parser.push("connections: 1"), undefined);
  assertEquals(parser.isInBlock, true);
});

Deno.test("ReplyParser refuses a block of more lines than it may have", () => {
  const parser = new ReplyParser({ maxBlockLines: 2 });
  parser.push("a");
  parser.push("b");
  assertThrows(() => parser.push("c"), RangeError, "more than 2 lines");
});

Deno.test("ReplyParser takes a block of as many lines as it may have", () => {
  const parser = new ReplyParser({ maxBlockLines: 2 });
  parser.push("a");
  parser.push("b");
  assertEquals(parser.push("."), { kind: "block", lines: ["a", "b"] });
});

Deno.test("parseReply() refuses a line that is no reply", () => {
  for (const line of ["", ".", "result: 3", "Result:3", "PONG ", "BYEBYE", "fib  a job"]) {
    assertThrows(() => parseReply(line), SyntaxError, "Cannot read the reply");
  }
});

Deno.test("parseReply() takes a text that only looks quoted as it is", () => {
  assertEquals(parseReply(`Result: "a" or "b"`), { kind: "result", text: `"a" or "b"` });
});

Deno.test("parseReply() takes a refusal with a code of a later version for an error", () => {
  assertEquals(parseReply("Error: Late [TOO_LATE]"), { kind: "error", message: "Late [TOO_LATE]" });
});
