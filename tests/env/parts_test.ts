import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { fakeEnv, fakeVars, realEnv, seededRandom } from "../../src/env/mod.ts";
import { parseSockets, socketKey } from "../../src/env/proc_net.ts";
import { Switch } from "../../src/switch/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

Deno.test("Random gives numbers from 0 to 1, and whole ones below a limit", () => {
  for (const { random } of [realEnv(), fakeEnv()]) {
    const numbers = Array.from({ length: 1000 }, () => random.next());
    assert(numbers.every((number) => number >= 0 && number < 1));
    assert(new Set(numbers).size > 990);
    const dice = new Set(Array.from({ length: 1000 }, () => random.below(6)));
    assertEquals([...dice].sort(), [0, 1, 2, 3, 4, 5]);
  }
});

Deno.test("Random begins elsewhere in each real environment", () => {
  assertNotEquals(realEnv().random.next(), realEnv().random.next());
});

Deno.test("SecureRandom gives bytes and version 4 uuids", () => {
  for (const { secureRandom } of [realEnv(), fakeEnv()]) {
    assertEquals(secureRandom.bytes(20).length, 20);
    assertEquals(new Set(secureRandom.bytes(10_000)).size, 256);
    assertMatch(secureRandom.uuid(), UUID);
    assertNotEquals(secureRandom.uuid(), secureRandom.uuid());
  }
});

Deno.test("seededRandom() and fakeEnv() are the same for the same seed", () => {
  const [a, b, c] = [7, 7, 8].map((seed) => seededRandom(seed).next());
  assertEquals(a, b);
  assertNotEquals(a, c);
  const draw = (seed: number) => {
    const { random, secureRandom } = fakeEnv({ seed });
    return [random.next(), secureRandom.uuid()];
  };
  assertEquals(draw(7), draw(7));
  assertNotEquals(draw(7), draw(8));
});

Deno.test("Vars gives values by name and the names by prefix, sorted", () => {
  Deno.env.set("SWITCHYARD_TEST_B", "2");
  Deno.env.set("SWITCHYARD_TEST_A", "1");
  try {
    const values = { SWITCHYARD_TEST_B: "2", SWITCHYARD_TEST_A: "1", OTHER: "3" };
    for (const vars of [realEnv().vars, fakeVars(values)]) {
      assertEquals(vars.names("SWITCHYARD_TEST_"), ["SWITCHYARD_TEST_A", "SWITCHYARD_TEST_B"]);
      assertEquals(vars.get("SWITCHYARD_TEST_B"), "2");
      assertEquals(vars.get("toString"), undefined);
    }
  } finally {
    Deno.env.delete("SWITCHYARD_TEST_A");
    Deno.env.delete("SWITCHYARD_TEST_B");
  }
});

Deno.test("fakeEnv() without threads says so when a scope is opened", async () => {
  const { threads } = fakeEnv();
  await Switch.run(async (sw) => {
    const spec = { name: "s" } as Parameters<typeof threads.open>[1];
    await assertRejects(async () => await threads.open(sw, spec), TypeError, 'open scope "s"');
  });
});

Deno.test("realEnv() has the files below the current directory", () => {
  assertEquals(realEnv().cwd.path, Deno.realPathSync("."));
});

Deno.test("parseSockets() finds a socket by its ends, and whether a program owns it, if it is not in TIME_WAIT", () => {
  const table =
    `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7230 1 00000000f175ca20 100 0 0 10 0
   1: 0100007F:E2DF 0100007F:1F90 06 00000000:00000000 03:000016DD 00000000     0        0 0 3 00000000f5ce9ba7
   2: 0100007F:E2E0 0100007F:1F90 05 00000000:00000000 03:000016DD 00000000     0        0 0 3 00000000f5ce9ba8
   3: 0100007F:1F90 0100007F:E2E0 08 00000000:00000000 00:00000000 00000000     0        0 6633 1 0000000035ee10ab 20 4 28 10 -1
`;
  const sockets = new Map(parseSockets(bytes(table)));
  const server = { hostname: "127.0.0.1", port: 8080 };
  const client = { hostname: "127.0.0.1", port: 58080 };
  assertEquals(sockets.get(socketKey(client, server)), false);
  assertEquals(sockets.get(socketKey(server, client)), true);
  assertEquals(sockets.size, 3);
});

Deno.test("socketKey() writes addresses as Linux does, IPv4 as IPv6", () => {
  const key = (hostname: string) =>
    socketKey({ hostname, port: 80 }, { hostname, port: 1 }).slice(0, 37);
  assertEquals(key("::1"), "00000000000000000000000001000000:0050");
  assertEquals(
    key("2001:db8::ff00:42:8329"),
    "B80D01200000000000FF000029834200:0050",
  );
  assertEquals(key("127.0.0.1"), "0000000000000000FFFF00000100007F:0050");
  assertEquals(key("::ffff:127.0.0.1"), key("127.0.0.1"));
  assertEquals(key("fe80::1%eth0"), key("fe80::1"));
  assertEquals(parseSockets(bytes("head\n")).length, 0);
});
