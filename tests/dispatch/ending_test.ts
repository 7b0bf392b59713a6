import { assert, assertEquals } from "@std/assert";
import { talk } from "./talk.ts";

const NO_TLS =
  "Error: Cannot speak TLS on this port: it takes plain lines of text; send HELP [INVALID]\n";
const NO_HTTP =
  "Error: Cannot speak HTTP on this port: it takes plain lines of text; send HELP [INVALID]\n";

/** The first bytes of what `openssl s_client` sends; no byte of it is a newline. */
const TLS_HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x01, 0x39, 0x01, 0x00, 0x01, 0x35, 0x03, 0x03);

Deno.test("QUIT answers what came before, says BYE, and takes no later line", async () => {
  const thrown = await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\nPING\nQUIT\n2\nPING\n");
    await clock.settle();
    assertEquals(pool.taken, ["1"]);
    pool.finish(0);
    assertEquals(await client.hear(), "Result: <1>\nPONG\nBYE\n");
  });
  assertEquals(thrown, undefined);
});

Deno.test("An HTTP request gets one line and a close", async () => {
  const thrown = await talk({}, async ({ client, pool }) => {
    await client.say("GET /30 HTTP/1.1\r\nHost: localhost\r\n30\r\n\r\n");
    assertEquals(await client.hear(), NO_HTTP);
    assertEquals(pool.taken, []);
  });
  assertEquals(thrown, undefined);
});

const hellos = {
  "without a newline": [TLS_HELLO],
  "with a newline and no UTF-8 before it": [Uint8Array.of(...TLS_HELLO, 0xff, 0x0a, 0x33, 0x0a)],
  "byte by byte": [...TLS_HELLO].map((byte) => Uint8Array.of(byte)),
};

for (const [how, chunks] of Object.entries(hellos)) {
  Deno.test(`A TLS hello ${how} gets one line and a close`, async () => {
    const thrown = await talk({}, async ({ client, clock, pool }) => {
      for (const chunk of chunks) {
        await client.conn.write(chunk).catch(() => {}); // it may have been told by now
        await clock.settle();
      }
      assertEquals(await client.hear(), NO_TLS);
      assertEquals(pool.taken, []);
    });
    assertEquals(thrown, undefined);
  });
}

Deno.test("With the dialect numbers HTTP, TLS, QUIT and the limits of lines are invalid numbers, and the connection stays", async () => {
  const setting = {
    dispatcher: { dialects: "numbers" },
    connection: { maxLineBytes: 64 },
  } as const;
  const lines = [
    "GET / HTTP/1.1",
    "QUIT",
    "PING",
    "HELP",
    "echo 1",
    "x".repeat(65),
    "\x16\x03\x01",
  ];
  const thrown = await talk(setting, async ({ client, pool, clock }) => {
    await client.say(lines.map((line) => `${line}\n`).join(""));
    await client.conn.write(Uint8Array.of(0xff, 0xfe, 0x0a));
    await client.say("30\n");
    await clock.settle();
    pool.finishAll();
    const invalid = "Error: Invalid number\n".repeat(lines.length + 1);
    assertEquals(await client.hear(invalid.length + 13), `${invalid}Result: <30>\n`);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A drain refuses the lines that are there, answers what runs, and ends", async () => {
  const thrown = await talk({ dispatcher: { maxInFlight: 2 } }, async (
    { client, pool, clock, draining, hasEnded },
  ) => {
    await client.say("1\n2\n3\n4\nPING\n5");
    await clock.settle();
    assertEquals(pool.taken, ["1", "2"]);
    pool.isDraining = true;
    draining.abort();
    await clock.advance(50);
    assert(!hasEnded(), "two run");
    pool.finish(0);
    await clock.settle();
    pool.finish(0);
    const refusal = "Error: The server is stopping and takes no more jobs [DRAINING]\n";
    const replies = `Result: <1>\nResult: <2>\n${refusal}${refusal}PONG\n`;
    assertEquals(await client.hear(), `${replies}BYE The server is stopping\n`);
  });
  assertEquals(thrown, undefined);
});

Deno.test("A drain answers lines that are on their way, and says goodbye to who speaks text", async () => {
  const thrown = await talk({}, async ({ client, clock, draining }) => {
    await client.say("PING\n");
    await client.hear(5);
    draining.abort();
    await clock.advance(49);
    await client.say("PING\n");
    await clock.advance(1);
    assertEquals(await client.hear(), "PONG\nBYE The server is stopping\n");
  });
  assertEquals(thrown, undefined);
});

for (
  const [who, dialects, line] of [
    ["has said nothing", "all", ""],
    ["speaks JSON-RPC", "all", '{"method":"rpc.nothing","params":[]}\n'],
    ["speaks the original service's numbers", "numbers", "1x\n"],
  ] as const
) {
  Deno.test(`A drain ends a connection whose client ${who} without a goodbye`, async () => {
    const thrown = await talk({ dispatcher: { dialects } }, async ({ client, clock, draining }) => {
      await client.say(line);
      await clock.settle();
      draining.abort();
      await clock.advance(50);
      assertEquals((await client.hear()).includes("BYE"), false);
    });
    assertEquals(thrown, undefined);
  });
}

Deno.test("A client that leaves during a drain has its jobs cancelled", async () => {
  const thrown = await talk({}, async ({ client, pool, clock, draining }) => {
    await client.say("1\n");
    await clock.settle();
    draining.abort();
    await clock.settle();
    client.conn.reset();
    await clock.advance(100);
    assertEquals(pool.cancelled, [{ text: "1", why: "its client left" }]);
    pool.finishAll();
  });
  assert(thrown instanceof Error);
});
