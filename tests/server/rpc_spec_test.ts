/**
 * The examples of the JSON-RPC 2.0 specification, each on the raw wire. Where the specification
 * breaks a batch into lines, it is one line here. `data`, which it leaves to the server, is left
 * out of the comparison.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { withRpcServer } from "./rpc_server.ts";

const PARSE_ERROR =
  '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}';
const INVALID =
  '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}';

const examples: Readonly<Record<string, readonly [said: string, heard: string | undefined][]>> = {
  "rpc call with positional parameters": [
    [
      '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
      '{"jsonrpc": "2.0", "result": 19, "id": 1}',
    ],
    [
      '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
      '{"jsonrpc": "2.0", "result": -19, "id": 2}',
    ],
  ],
  "rpc call with named parameters": [
    [
      '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
      '{"jsonrpc": "2.0", "result": 19, "id": 3}',
    ],
    [
      '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
      '{"jsonrpc": "2.0", "result": 19, "id": 4}',
    ],
  ],
  "a Notification": [
    ['{"jsonrpc": "2.0", "method": "sum", "params": [1,2,3,4,5]}', undefined],
    ['{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ],
  "rpc call of non-existent method": [
    [
      '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
      '{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}',
    ],
  ],
  "rpc call with invalid JSON": [
    ['{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', PARSE_ERROR],
  ],
  "rpc call with invalid Request object": [
    ['{"jsonrpc": "2.0", "method": 1, "params": "bar"}', INVALID],
  ],
  "rpc call Batch, invalid JSON": [
    [
      '[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method" ]',
      PARSE_ERROR,
    ],
  ],
  "rpc call with an empty Array": [["[]", INVALID]],
  "rpc call with an invalid Batch (but not empty)": [["[1]", `[${INVALID}]`]],
  "rpc call with invalid Batch": [["[1,2,3]", `[${INVALID}, ${INVALID}, ${INVALID}]`]],
  "rpc call Batch": [
    [
      '[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},' +
      ' {"jsonrpc": "2.0", "method": "echo", "params": [7]},' +
      ' {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},' +
      ' {"foo": "boo"},' +
      ' {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},' +
      ' {"jsonrpc": "2.0", "method": "get_data", "id": "9"} ]',
      '[ {"jsonrpc": "2.0", "result": 7, "id": "1"},' +
      ' {"jsonrpc": "2.0", "result": 19, "id": "2"},' +
      ` ${INVALID},` +
      ' {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},' +
      ' {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"} ]',
    ],
  ],
  "rpc call Batch (all notifications)": [
    [
      '[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4]},' +
      ' {"jsonrpc": "2.0", "method": "echo", "params": [7]} ]',
      undefined,
    ],
  ],
};

Deno.test("The examples of the JSON-RPC 2.0 specification are answered as it says", async (t) => {
  await withRpcServer({}, async ({ connect }) => {
    for (const [title, exchanges] of Object.entries(examples)) {
      await t.step(title, async () => {
        using client = await connect();
        for (const [said, heard] of exchanges) {
          await client.say(`${said}\n`);
          if (heard !== undefined) assertEquals(parse(await client.hearLine()), parse(heard));
        }
        await client.end();
        assertEquals(await client.hearAll(), "", "it says no more than that");
      });
    }
  });
});

/** A response without the `data` of errors. */
function parse(line: string | undefined): unknown {
  return JSON.parse(line ?? "null", (key, value) => key === "data" ? undefined : value);
}
