/**
 * Clients that nobody here wrote.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { JSONRPCClient, type JSONRPCResponse } from "clients/json-rpc-2.0";
import { type Address, formatAddress } from "../../src/env/mod.ts";
import type { RawClient } from "./raw_client.ts";
import { withRpcServer } from "./rpc_server.ts";

type TcpAddress = Extract<Address, { transport: "tcp" }>;

Deno.test("Clients that nobody here wrote are answered", async (t) => {
  await withRpcServer({}, async ({ address, connect }) => {
    const { hostname, port } = address as TcpAddress;

    await t.step("json-rpc-2.0 over lines: requests at once, a batch, an error", async () => {
      using line = await connect();
      const client = new JSONRPCClient((payload) => line.say(`${JSON.stringify(payload)}\n`));
      const hearing = hearAll(line, (response) => client.receive(response));
      const sums = [1, 2, 3].map((n) => client.request("sum", [n, n]));
      assertEquals(await Promise.all(sums), [2, 4, 6]);
      const refused = () => Promise.resolve(client.request("nothing", []));
      await assertRejects(refused, Error, "Method not found");
      const batch = await client.requestAdvanced([
        { jsonrpc: "2.0", method: "echo", params: [1], id: "a" },
        { jsonrpc: "2.0", method: "echo", params: [2], id: "b" },
      ]);
      assertEquals(batch.map(({ result }) => result), [1, 2]);
      client.notify("echo", [3]);
      await line.end();
      await hearing;
    });

    for (const [program, drive] of Object.entries(programs)) {
      const isHere = program === "jayson" || has(program);
      const why = isHere ? "" : " (skipped: this machine has none)";
      await t.step({
        name: program + why,
        ignore: !isHere,
        async fn() {
          const [printed, expected] = await drive({ transport: "tcp", hostname, port });
          assertEquals(printed, expected);
        },
      });
    }
  });
});

async function hearAll(client: RawClient, receive: (response: JSONRPCResponse) => void) {
  for (let line = await client.hearLine(); line !== undefined; line = await client.hearLine()) {
    receive(JSON.parse(line));
  }
}

/** A program of the machine, and what it prints when it is given this input. */
async function run(command: readonly string[], input = ""): Promise<string> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

/** Whether the machine has a program. */
function has(program: string): boolean {
  const paths = (Deno.env.get("PATH") ?? "").split(":");
  return paths.some((path) => {
    try {
      return Deno.statSync(`${path}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

const DENO = [Deno.execPath(), "eval", "--no-config", "--no-lock", "--ext=js"];

const REQUEST = '{"jsonrpc":"2.0","method":"sum","params":[1,2,4],"id":"1"}';
const RESPONSE = '{"jsonrpc":"2.0","result":7,"id":"1"}';

// In a program of its own: its types would bring another version of Node's into ours.
const JAYSON = `
import jayson from "npm:jayson@5.0.0";
const [host, port] = Deno.args;
const client = jayson.Client.tcp({ host, port: Number(port) });
const print = (...args) => new Promise((heard) =>
  client.request(...args, (error, response) => heard(console.log(JSON.stringify(error ?? response ?? "nothing")))));
await print("subtract", [42, 23], 7);
await print("subtract", { minuend: 42, subtrahend: 23 }, "x");
await print([client.request("sum", [1, 2, 3], 1), client.request("echo", [1], null), client.request("get_data", [], 2)]);
await print("echo", [1], null);
await print("nothing", [], 3);
`;

const JAYSON_PRINTS = `{"jsonrpc":"2.0","result":19,"id":7}
{"jsonrpc":"2.0","result":19,"id":"x"}
[{"jsonrpc":"2.0","result":6,"id":1},{"jsonrpc":"2.0","result":["hello",5],"id":2}]
"nothing"
{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found","data":{"code":"UNKNOWN_JOB","reason":"Cannot find the job \\"nothing\\": there is none of that name; rpc.discover lists all"}},"id":3}
`;

const PYTHON = `
import asyncio, json, sys
async def main():
    reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    for i in range(100):
        writer.write(json.dumps({"jsonrpc": "2.0", "method": "echo", "params": ["x" * 600], "id": i}).encode() + b"\\n")
    ids = sorted([json.loads(await reader.readline())["id"] for _ in range(100)])
    print(ids == list(range(100)))
    writer.write(b'{"jsonrpc":"2.0","method":"give","params":["long"],"id":2}\\n')
    print(json.loads(await reader.readline())["error"]["code"])
    writer.write(b'{"jsonrpc":"2.0","method":"echo","params":["' + b"x" * 65400 + b'"],"id":3}\\n')
    print(len(json.loads(await reader.readline())["result"]))
    writer.close()
asyncio.run(main())
`;

const GO = `package main

import ("fmt"; "net/rpc/jsonrpc"; "os")

func main() {
	client, err := jsonrpc.Dial("tcp", os.Args[1])
	if err != nil { panic(err) }
	var reply int
	fmt.Println(client.Call("echo", 42, &reply), reply)
	fmt.Println(client.Call("throw", "no luck", &reply))
	fmt.Println(client.Call("nothing", 1, &reply))
}
`;

/** Programs of the machine: what they are run with, and what they then print. */
const programs: Readonly<
  Record<string, (address: TcpAddress) => Promise<readonly [printed: string, expected: string]>>
> = {
  jayson: async ({ hostname, port }) => [
    await run([...DENO, JAYSON, hostname, String(port)]),
    JAYSON_PRINTS,
  ],
  nc: async ({ hostname, port }) => [
    await run(["nc", "-N", hostname, String(port)], `${REQUEST}\nPING\n`).then(sortLines),
    sortLines(`${RESPONSE}\nPONG\n`),
  ],
  socat: async ({ hostname, port }) => [
    await run(["socat", "-t", "30", "-", `TCP:${hostname}:${port}`], `${REQUEST}\n`),
    `${RESPONSE}\n`,
  ],
  python3: async ({ hostname, port }) => [
    await run(["python3", "-c", PYTHON, hostname, String(port)]),
    "True\n-32009\n65400\n",
  ],
  go: async (address) => {
    const folder = await Deno.makeTempDir({ prefix: "switchyard-" });
    try {
      await Deno.writeTextFile(`${folder}/main.go`, GO);
      return [
        await run(["go", "run", `${folder}/main.go`, formatAddress(address)]),
        '<nil> 42\nno luck\nCannot find the job "nothing": there is none of that name; rpc.discover lists all [UNKNOWN_JOB]\n',
      ];
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

/** Its lines in one order: replies of JSON-RPC come when they are known. */
function sortLines(text: string): string {
  return text.split("\n").toSorted().join("\n");
}
