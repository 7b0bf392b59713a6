import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { request, responses } from "../dispatch/rpc_lines.ts";
import { withRpcServer } from "./rpc_server.ts";

/** What echo gives back for this source of a parameter, as it stands on the wire. */
const echoes: readonly [said: string, heard: string][] = [
  ["1", "1"],
  ["9007199254740993", '"9007199254740993"'],
  ["-12345678901234567890123", '"-12345678901234567890123"'],
  ['{"id": 18446744073709551615, "n": [1]}', '{"id":"18446744073709551615","n":[1]}'],
  ["0.1234567890123456789", "0.12345678901234568"],
  ["1e21", "1e+21"],
  ['"12345678901234567890"', '"12345678901234567890"'],
  ['"\\u0041\\n\u2028"', '"A\\n\u2028"'],
  ['{"__proto__": {"a": 1}}', '{"__proto__":{"a":1}}'],
  ["null", "null"],
  ["[]", "[]"],
  [`"${"\u00e9".repeat(1000)}"`, `"${"\u00e9".repeat(1000)}"`],
];

const exact = '{"exact":1208925819614629174706176,"list":[-18446744073709551616]}';

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Values keep what they are on their way to a job and back, in a ${isolation}`, async (t) => {
    await withRpcServer({ isolation, cores: 1, spares: 1 }, async ({ connect }) => {
      using client = await connect();
      const ask = async (method: string, params: string) => {
        const line = `{"jsonrpc":"2.0","method":"${method}","params":${params},"id":1}`;
        const [heard = ""] = await client.ask(line);
        const prefix = '{"jsonrpc":"2.0","result":';
        return heard.startsWith(prefix) ? heard.slice(prefix.length, -',"id":1}'.length) : heard;
      };

      await t.step(
        "What JSON says comes back, an integer beyond a double as its digits",
        async () => {
          for (const [said, heard] of echoes) assertEquals(await ask("echo", `[${said}]`), heard);
        },
      );

      await t.step("A bigint goes out as a number to a client that asks for it", async () => {
        const meta = '{"_meta":{"bigints":"number"}}';
        assertEquals(await ask("echo", `[12345678901234567890,${meta}]`), "12345678901234567890");
        assertEquals(await ask("give", `["bigint",${meta}]`), exact);
        assertEquals(await ask("give", '["bigint"]'), exact.replaceAll(/-?\d+/g, '"$&"'));
      });

      await t.step(
        "A job sees a large integer as a bigint, and no input as undefined",
        async () => {
          assertEquals(await ask("type_of", "[9007199254740993]"), '"bigint"');
          assertEquals(await ask("type_of", "[9007199254740991]"), '"number"');
          assertEquals(await ask("type_of", "[]"), '"undefined"');
          assertEquals(await ask("type_of", "{}"), '"object"');
        },
      );

      await t.step("No result is null, and what is no data is an error of the job", async () => {
        assertEquals(await ask("give", '["nothing"]'), "null");
        for (const kind of ["cycle", "function"]) {
          assertStringIncludes(await ask("give", `["${kind}"]`), '"code":"FAILED"');
        }
      });

      await t.step("A result longer than a reply may be gives way to an error", async () => {
        const reply = await ask("give", '["long"]');
        assertStringIncludes(reply, '"code":-32009');
        assert(reply.length < 300);
      });
    });
  });
}

Deno.test("How a job ends is told by a code", async (t) => {
  await withRpcServer({ graceMs: 10 }, async ({ connect, log }) => {
    using client = await connect();
    const ask = async (...lines: string[]) => {
      await client.say(lines.join(""));
      const [reply] = responses((await client.hearLine()) ?? "");
      return reply?.error;
    };

    await t.step("What it throws is the message, with the name of the error", async () => {
      const error = await ask(request("throw", ["no luck"], 1));
      assertEquals([error?.code, error?.message, error?.data.name], [1, "no luck", "RangeError"]);
    });

    await t.step("An input that its schema refuses is -32602", async () => {
      assertEquals((await ask(request("sum", ["x"], 1)))?.code, -32602);
    });

    await t.step("A deadline of the client stops it", async () => {
      const error = await ask(request("spin", ["", { _meta: { deadlineMs: 20 } }], 1));
      assertEquals([error?.code, error?.data.how], [-32003, "killed"]);
      assert(Number(error?.data.stopMs) >= 10, "it had its grace");
    });

    await t.step("A cancel stops it, and it is answered", async () => {
      using watcher = await connect();
      await client.say(request("spin", [""], "long"));
      await watcher.untilRunning(1);
      const error = await ask(request("$/cancelRequest", { id: "long" }));
      assertEquals([error?.code, error?.data.code], [-32800, "CANCELLED"]);
      const { fields } = await log.until((record) => record.message.includes("cancelled it"));
      assertEquals(fields.job, "spin");
    });

    await t.step("In the 1.0 shape an error is a string", async () => {
      await client.say('{"method":"throw","params":["no luck"],"id":1}\n');
      assertEquals(await client.hearLine(), '{"result":null,"error":"no luck","id":1}');
      await client.say('{"method":"subtract","params":[2,1],"id":2}\n');
      assertEquals(await client.hearLine(), '{"result":1,"error":null,"id":2}');
    });
  });
});
