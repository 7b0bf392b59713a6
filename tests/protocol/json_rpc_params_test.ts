import { assertEquals, assertThrows } from "@std/assert";
import { parseRpcCancel, parseRpcParams, type RpcArguments } from "../../src/protocol/mod.ts";

const table: readonly [params: string | undefined, read: RpcArguments][] = [
  [undefined, { input: "", meta: {} }],
  ["[]", { input: "", meta: {} }],
  ["[30]", { input: "30", meta: {} }],
  ["[ [1, 2] ]", { input: "[1, 2]", meta: {} }],
  ['[1, "a"]', { input: '[1,"a"]', meta: {} }],
  ["[12345678901234567890]", { input: "12345678901234567890", meta: {} }],
  ["{}", { input: "{}", meta: {} }],
  ['{"a": 1.10}', { input: '{"a": 1.10}', meta: {} }],
  ['{"_meta": {"deadlineMs": 5}, "a": 1}', { input: '{"a":1}', meta: { deadlineMs: 5 } }],
  ['{"_meta": {}}', { input: "{}", meta: {} }],
  ['{"a": "_meta"}', { input: '{"a": "_meta"}', meta: {} }],
  ['[30, {"_meta": {"deadlineMs": 5}}]', { input: "30", meta: { deadlineMs: 5 } }],
  ['[{"_meta": {"bigints": "number"}}]', { input: "", meta: { bigints: "number" } }],
  ['[1, 2, {"_meta": {}}]', { input: "[1,2]", meta: {} }],
  ['[{"_meta": {}, "a": 1}]', { input: '{"_meta": {}, "a": 1}', meta: {} }],
  ['[{"_meta": {}}, 1]', { input: '[{"_meta": {}},1]', meta: {} }],
  ['{"_meta": {"progressToken": "t"}}', { input: "{}", meta: { progressToken: '"t"' } }],
  ['{"_meta": {"progressToken": 1e20}}', { input: "{}", meta: { progressToken: "1e20" } }],
  ['{"_meta": {"priority": "low"}}', { input: "{}", meta: { priority: "low" } }],
  ['{"_meta": {"strange": true}}', { input: "{}", meta: {} }],
];

for (const [params, read] of table) {
  Deno.test(`parseRpcParams(${params}) is ${JSON.stringify(read)}`, () => {
    assertEquals(parseRpcParams(params), read);
  });
}

const wrong: readonly [meta: string, must: string][] = [
  ["1", "it must be an object"],
  ["[]", "it must be an object"],
  ['{"deadlineMs": 0}', "its deadlineMs must be positive"],
  ['{"deadlineMs": "5"}', "its deadlineMs must be positive"],
  ['{"deadlineMs": 1e999}', "its deadlineMs must be positive"],
  ['{"priority": "urgent"}', 'its priority must be "high", "normal" or "low"'],
  ['{"bigints": true}', 'its bigints must be "string" or "number"'],
  ['{"progressToken": {}}', "its progressToken must be a string or a number"],
];

for (const [meta, must] of wrong) {
  Deno.test(`parseRpcParams() refuses ${meta} as _meta: ${must}`, () => {
    assertThrows(() => parseRpcParams(`{"_meta":${meta}}`), TypeError, must);
  });
}

Deno.test("parseRpcCancel() reads LSP's wish and MCP's, and no other", () => {
  const wish = (method: string, params?: string) =>
    parseRpcCancel({ kind: "request", version: "2.0", id: undefined, method, params });
  assertEquals(wish("$/cancelRequest", '{"id": 7.0}'), { id: "7.0", reason: undefined });
  assertEquals(
    wish("notifications/cancelled", '{"requestId": "\\u0061", "reason": "why"}'),
    { id: '"a"', reason: "why" },
  );
  assertEquals(wish("$/cancelRequest", "[7]"), { id: undefined, reason: undefined });
  assertEquals(wish("$/cancelRequest"), { id: undefined, reason: undefined });
  assertEquals(wish("fib", '{"id": 7}'), undefined);
  assertEquals(wish("constructor", '{"id": 7}'), undefined);
});
