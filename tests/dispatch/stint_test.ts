import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { realEnv } from "../../src/env/mod.ts";
import { Rota } from "../../src/dispatch/rota.ts";
import { Stint } from "../../src/dispatch/stint.ts";
import { talk } from "./talk.ts";

const PINGS = 20_000;
const PONG = "PONG\n";

Deno.test("A client that sends without pause has a part of a turn, and all its replies in the end", async () => {
  const thrown = await talk({ net: { capacity: 1 << 20 } }, async ({ client }) => {
    await client.say("PING\n".repeat(PINGS));
    await new Promise((resolve) => setImmediate(resolve));
    assertGreater(client.conn.unread, 0);
    assertLess(client.conn.unread, PINGS * PONG.length / 2);
    await client.conn.closeWrite();
    assertEquals(await client.hear() === PONG.repeat(PINGS), true);
  });
  assertEquals(thrown, undefined);
});

Deno.test("What needs no job, and a line as long as many, are counted for what they cost", async () => {
  for (const line of ["HELP\n", `{"x":"${"x".repeat(1000)}"}\n`]) {
    const setting = { net: { capacity: 1 << 22 }, dispatcher: { maxProtocolErrors: Infinity } };
    const thrown = await talk(setting, async ({ client }) => {
      await client.say(line.repeat(500));
      await new Promise((resolve) => setImmediate(resolve));
      const first = client.conn.unread;
      await client.conn.closeWrite();
      assertLess(first, (await client.hear()).length / 2);
    });
    assertEquals(thrown, undefined);
  }
});

Deno.test("Those who have much share a turn, and one that ends keeps no timer", async () => {
  const rota = new Rota({ monotonic: () => 0 });
  const begun = Promise.withResolvers<void>();
  const stints = Array.from({ length: 8 }, () => new Stint(rota, begun.resolve));
  for (const stint of stints) while (!stint.isOver) stint.countRead(0);
  stints.pop()![Symbol.dispose]();
  await begun.promise;
  let lines = 0;
  for (; !stints[0]!.isOver; lines++) stints[0]!.countLine(0);
  assertEquals(lines, Math.floor(1024 / stints.length));
  for (const stint of stints) stint[Symbol.dispose]();
});

/** A stint, and how many lines that take so long it serves until it is over. */
function serving(): { stint: Stint; serve(msALine: number, most?: number): number; rest(): void } {
  let nowMs = 0;
  const stint = new Stint(new Rota({ monotonic: () => nowMs }), () => {});
  return {
    stint,
    serve(msALine, most = Infinity) {
      let lines = 0;
      for (; !stint.isOver && lines < most; lines++) {
        stint.countLine(0);
        nowMs += msALine;
      }
      stint.leave();
      return lines;
    },
    rest: () => nowMs += 10,
  };
}

Deno.test("A part ends after 2 ms as well, which is looked at every 32 units", () => {
  const { stint, serve } = serving();
  using _stint = stint;
  assertEquals(serve(0.1) * 0.1 < 2 + 2 * 32 * 0.1, true);
  stint.begin(512);
  assertEquals(serve(0.001), 512);
  stint.begin(512);
  assertEquals(serve(5) <= 2 * 32, true);
});

Deno.test("The time of a part adds up over reads that bring a line each", () => {
  const { stint, serve } = serving();
  using _stint = stint;
  let reads = 0;
  for (; !stint.isOver; reads++) {
    stint.countRead(0);
    serve(1, 1);
  }
  assertLess(reads, 32);
});

Deno.test("What a client rests does not count", () => {
  const { stint, serve, rest } = serving();
  using _stint = stint;
  for (let batch = 0; batch < 40; batch++) {
    stint.countRead(400);
    assertEquals(serve(0.001, 64), 64, `batch ${batch}`);
    stint.begin(512);
    rest();
  }
});

Deno.test("A turn ends when it has taken its time, and who has had no part of it is the first in the next", async () => {
  let nowMs = 0;
  const rota = new Rota({ monotonic: () => nowMs });
  const begun: (readonly [who: number, nowMs: number])[] = [];
  const enough = Promise.withResolvers<void>();
  const spend = (stint: Stint) => {
    while (!stint.isOver) stint.countLine(0);
  };
  const stints = Array.from({ length: 5 }, (_, who): Stint =>
    new Stint(rota, () => {
      begun.push([who, turnMs]);
      nowMs += who === 1 ? 50 : 0.5; // what one says is dear
      spend(stints[who]!);
      if (begun.length === 8) enough.resolve();
    }));
  let turnMs = 0;
  const between = setInterval(() => turnMs = nowMs, 0);
  stints.forEach(spend);
  await enough.promise;
  clearInterval(between);
  const [first, second] = [0, 50.5];
  assertEquals(begun.slice(0, 2), [[0, first], [1, first]]);
  assertEquals(begun.slice(2, 6), [[2, second], [3, second], [4, second], [0, second]]);
  for (const stint of stints) stint[Symbol.dispose]();
});

Deno.test("What one line took beyond its part is taken off the next parts", () => {
  let turns = 0;
  using stint = new Stint(new Rota(realEnv().clock), () => turns++);
  stint.countLine(64 * 1024);
  let parts = 0;
  for (; stint.isOver; parts++) stint.begin(512);
  assertEquals([parts, turns], [64 * 1024 / 16 / 512, 1], "it goes on once it has paid");
});

Deno.test("Bytes count as they are read, whether they are lines or not", () => {
  using stint = new Stint(new Rota(realEnv().clock), () => {});
  stint.countRead(1024);
  assertEquals(stint.isOver, false);
  for (let reads = 0; !stint.isOver; reads++) {
    assertLess(reads, 8, "no more than some reads of 64 KiB in a turn");
    stint.countRead(65_536);
  }
});

Deno.test("However much there is to do, each turn hears what has come for others since the last", async () => {
  const rota = new Rota(realEnv().clock);
  let taken = 0;
  using stint: Stint = new Stint(rota, () => {
    taken++;
    spend();
    const until = performance.now() + 2; // as some connections take together
    while (performance.now() < until);
  });
  const spend = () => {
    while (!stint.isOver) stint.countLine(0);
  };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, far] = await Promise.all([
    listener.accept(),
    Deno.connect({ port: listener.addr.port }),
  ]);
  using _near = near;
  using _far = far;
  const byte = new Uint8Array(1);
  spend();
  for (let i = 0; i < 10; i++) {
    const heard = far.read(byte);
    await near.write(byte);
    await heard;
  }
  assertLess(taken, 31);
});
