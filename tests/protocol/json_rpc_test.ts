import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatRpcRequest,
  isRpcLine,
  parseRpc,
  type RpcMessage,
  type RpcRequest,
} from "../../src/protocol/mod.ts";

const OPTIONS = { maxBatch: 3 };

function parseOne(line: string): RpcMessage {
  const parsed = parseRpc(line, OPTIONS);
  assert(!Array.isArray(parsed), "it is no batch");
  return parsed;
}

const ids: readonly [written: string, read: string][] = [
  ['"1"', '"1"'],
  ['""', '""'],
  ['"\\u0041"', '"A"'],
  ["0", "0"],
  ["-7", "-7"],
  ["1.50", "1.50"],
  ["1e2", "1e2"],
  ["-0", "-0"],
  ["12345678901234567890123", "12345678901234567890123"],
  ["1e999", "1e999"],
  ["null", "null"],
];

for (const [written, read] of ids) {
  Deno.test(`parseRpc() keeps the id ${written} with every digit`, () => {
    const message = parseOne(`{"jsonrpc":"2.0","method":"fib","id":${written}}`);
    assertEquals(message.id, read);
  });
}

const faults: readonly [line: string, code: string, id: string, reason: string][] = [
  ["{", "PARSE_ERROR", "null", "as JSON"],
  ['{"jsonrpc":"2.0"', "PARSE_ERROR", "null", "as JSON"],
  ["[".repeat(129) + "]".repeat(129), "PARSE_ERROR", "null", "the limit is 128"],
  ["{}", "INVALID_REQUEST", "null", '"method" must be a string'],
  ['{"jsonrpc":"2.0","id":1}', "INVALID_REQUEST", "1", '"method" must be a string'],
  ['{"jsonrpc":"2.1","method":"a","id":1}', "INVALID_REQUEST", "1", '"jsonrpc" must be "2.0"'],
  ['{"jsonrpc":2,"method":"a"}', "INVALID_REQUEST", "null", '"jsonrpc" must be "2.0"'],
  ['{"jsonrpc":"2.0","method":"a","id":{}}', "INVALID_REQUEST", "null", '"id" must be a string'],
  ['{"jsonrpc":"2.0","method":"a","id":true}', "INVALID_REQUEST", "null", '"id" must be a string'],
  [
    `{"jsonrpc":"2.0","method":"a","id":"${"x".repeat(1023)}"}`,
    "INVALID_REQUEST",
    "null",
    "of at most 1024 characters",
  ],
  ['{"jsonrpc":"2.0","method":"a","params":5,"id":1}', "INVALID_REQUEST", "1", '"params" must be'],
  ["[]", "INVALID_REQUEST", "null", "an empty batch"],
  ["[1,2,3,4]", "INVALID_REQUEST", "null", "a batch of 4 requests: the limit is 3"],
];

for (const [line, code, id, reason] of faults) {
  Deno.test(`parseRpc() finds that ${line.slice(0, 60)} is no request: ${reason}`, () => {
    const message = parseOne(line);
    assert(message.kind === "fault");
    assertEquals([message.error.code, message.id, message.version], [code, id, "2.0"]);
    assert(message.error.message.includes(reason), message.error.message);
  });
}

Deno.test("parseRpc() takes a request without jsonrpc for one of version 1.0", () => {
  for (const jsonrpc of ["", '"jsonrpc":"1.0",']) {
    const message = parseOne(`{${jsonrpc}"method":"fib","params":[1],"id":3}`);
    const expected = { version: "1.0", id: "3", method: "fib", params: "[1]" } as const;
    assertEquals(message, { kind: "request", ...expected });
  }
});

Deno.test("parseRpc() takes an id of null for a notification in version 1.0, and for an id in 2.0", () => {
  assertEquals(parseOne('{"method":"fib","params":[1],"id":null}').id, undefined);
  assertEquals(parseOne('{"jsonrpc":"2.0","method":"fib","id":null}').id, "null");
});

Deno.test("parseRpc() tells a fault of version 1.0 in that version", () => {
  assertEquals(parseOne('{"method":"fib","params":1,"id":3}').version, "1.0");
});

Deno.test("parseRpc() takes params of null for none", () => {
  const message = parseOne('{"jsonrpc":"2.0","method":"fib","params":null,"id":1}');
  assertEquals(message.kind === "request" && message.params, undefined);
});

Deno.test("parseRpc() takes no request without jsonrpc in a batch", () => {
  const messages = parseRpc('[{"method":"fib","id":1},{"jsonrpc":"2.0","method":"fib"}]', OPTIONS);
  assert(Array.isArray(messages));
  assertEquals(messages.map(({ kind }) => kind), ["fault", "request"]);
});

Deno.test("isRpcLine() sees an object or an array, after blanks", () => {
  for (const line of ["{", "[", " {}", "\t []"]) assertEquals(isRpcLine(line), true, line);
  for (const line of ["", " ", "1", '"{"', "x{", "\v{"]) assertEquals(isRpcLine(line), false, line);
});

const id = fc.oneof(
  fc.string({ maxLength: 100 }).map((text) => JSON.stringify(text)),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const params = fc.oneof(
  fc.array(fc.jsonValue({ maxDepth: 2 })),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
).map((value) => JSON.stringify(value));
const request: fc.Arbitrary<RpcRequest> = fc.record({
  kind: fc.constant("request" as const),
  version: fc.constantFrom("1.0" as const, "2.0" as const),
  id: fc.option(id, { nil: undefined }),
  method: fc.string(),
  params: fc.option(params, { nil: undefined }),
});

Deno.test("parseRpc() reads what formatRpcRequest() writes", () => {
  fc.assert(fc.property(request, (request) => {
    assertEquals(parseOne(formatRpcRequest(request)), request);
  }));
});

Deno.test("parseRpc() reads a batch as its members, each as if it stood alone", () => {
  const member = fc.oneof(request.map(formatRpcRequest), fc.constantFrom("1", "{}", "[]", '"a"'));
  const batch = fc.array(member, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(batch, (members) => {
    const messages = parseRpc(`[${members.join()}]`, OPTIONS);
    assert(Array.isArray(messages));
    assertEquals(messages.length, members.length);
    for (const [index, member] of members.entries()) {
      const is2 = member.includes('"jsonrpc":"2.0"');
      assertEquals(messages[index]?.kind, is2 ? "request" : "fault");
      if (is2) assertEquals(messages[index], parseOne(member));
    }
  }));
});

/** A line that was one of JSON-RPC, until something fell into it. */
const mutated = fc.tuple(
  request.map(formatRpcRequest),
  fc.array(fc.tuple(fc.nat(400), fc.nat(3), fc.string({ unit: "binary", maxLength: 3 })), {
    maxLength: 4,
  }),
).map(([line, cuts]) =>
  cuts.reduce(
    (text, [at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length),
    line,
  )
);

Deno.test("parseRpc() never throws, and gives a method or a reply for any line", () => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: "binary" })), (line) => {
      const parsed = parseRpc(line, OPTIONS);
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
        if (message.kind === "request") assertEquals(typeof message.method, "string");
        else assert(message.error.message !== "");
        if (message.id !== undefined) JSON.parse(message.id);
      }
    }),
    { numRuns: 2000 },
  );
});
