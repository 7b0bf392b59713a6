import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancelled, Fiber, Switch } from "../../src/switch/mod.ts";
import { Channel, ChannelClosedError } from "../../src/sync/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf, turn } from "../switch/helpers.ts";

Deno.test("Channel gives items in the order in which they were put, without waiting while it can", async () => {
  const channel = new Channel<number>(2);
  assertEquals([channel.tryPut(1), channel.tryPut(2), channel.tryPut(3)], [true, true, false]);
  assertEquals(channel.length, 2);
  assertEquals([channel.tryTake(), channel.tryTake()], [{ value: 1 }, { value: 2 }]);
  assertEquals([channel.tryTake(), channel.length], [undefined, 0]);
  await channel.put(4);
  assertEquals(await channel.take(), 4);
});

Deno.test("Channel.take() of an empty channel waits for the next item", async () => {
  const channel = new Channel<number>(2);
  const log: string[] = [];
  await channel.put(1);
  await Switch.run((sw) => {
    sw.fork(async () => {
      log.push(`took ${await channel.take()}`);
      log.push(`took ${await channel.take()}`);
    });
    sw.fork(async () => {
      await Fiber.yield();
      log.push("putting 2");
      await channel.put(2);
    });
  });
  assertEquals(log, ["took 1", "putting 2", "took 2"]);
});

Deno.test("Channel.put() into a full channel waits for the first take", async () => {
  const channel = new Channel<number>(3);
  const log: string[] = [];
  await channel.put(1);
  await Switch.run((sw) => {
    sw.fork(async () => {
      for (const item of [2, 3, 4]) {
        await channel.put(item);
        log.push(`put ${item}`);
      }
    });
    sw.fork(async () => {
      await Fiber.yield();
      assertEquals(log.splice(0), ["put 2", "put 3"]);
      for (let i = 0; i < 4; i++) assertEquals(await channel.take(), i + 1);
    });
  });
  assertEquals(log, ["put 4"]);
});

Deno.test("Channel of 0 is a meeting: put() ends only with the take", async () => {
  const channel = new Channel<number>(0);
  const [first, second] = [channel.put(1), channel.put(2)];
  assertEquals([await stateOf(first), channel.length, channel.waitingToPut], ["open", 0, 2]);
  assertEquals(await channel.take(), 1);
  await first;
  assertEquals(await stateOf(second), "open");
  assertEquals(await channel.take(), 2);
  await second;
});

Deno.test("Channel of 0 hands an item straight to one who waits, in the order of waiting", async () => {
  const channel = new Channel<number>(0);
  const [first, second] = [channel.take(), channel.take()];
  assertEquals(channel.waitingToTake, 2);
  assertEquals([channel.tryPut(1), channel.tryPut(2), channel.tryPut(3)], [true, true, false]);
  assertEquals(await Promise.all([first, second]), [1, 2]);
});

Deno.test("Channel.tryTake() of a meeting succeeds only when somebody waits to put", async () => {
  const channel = new Channel<number>(0);
  assertEquals(channel.tryTake(), undefined);
  const put = channel.put(1);
  assertEquals(channel.tryTake(), { value: 1 });
  await put;
  assertEquals(channel.tryTake(), undefined);
});

Deno.test("Channel.tryTake() of a mailbox gives what was put", async () => {
  const channel = new Channel<number>(1);
  assertEquals(channel.tryTake(), undefined);
  await channel.put(0);
  assertEquals(channel.tryTake(), { value: 0 });
});

Deno.test("Channel.tryTake() tells an item that is undefined from none", () => {
  const channel = new Channel<undefined>(1);
  channel.tryPut(undefined);
  assertEquals([channel.tryTake(), channel.tryTake()], [{ value: undefined }, undefined]);
});

Deno.test("Channel of 1 is a mailbox: a put waits for the take, and one cancelled leaves nothing", async () => {
  const channel = new Channel<number>(1);
  const controller = new AbortController();
  await channel.put(1);
  const second = channel.put(2);
  const third = channel.put(3, { signal: controller.signal });
  assertEquals(await stateOf(second), "open");
  assertEquals(await channel.take(), 1);
  await second;
  controller.abort();
  await assertRejects(() => third, Cancelled);
  assertEquals([channel.tryTake(), channel.tryTake()], [{ value: 2 }, undefined]);
});

Deno.test("Channel gives the item of a taker that was cancelled to the next", async () => {
  const channel = new Channel<string>(0);
  const controller = new AbortController();
  const first = channel.take({ signal: controller.signal });
  const second = channel.take();
  controller.abort("left");
  channel.tryPut("item");
  assertEquals(await second, "item");
  await assertFails(first, "Cancelled: left");
});

Deno.test("Channel.take() and put() that have completed are not cancelled any more", async () => {
  for (const capacity of [0, 1]) {
    const channel = new Channel<string>(capacity);
    const controller = new AbortController();
    const { signal } = controller;
    const taking = channel.take({ signal });
    assert(channel.tryPut("a"));
    controller.abort();
    assertEquals(await taking, "a");

    const putter = new AbortController();
    while (channel.tryPut("filling"));
    const putting = channel.put("b", { signal: putter.signal });
    assert(channel.tryTake());
    putter.abort();
    await putting;
  }
});

Deno.test("Channel does without waiting what it can in a cancelled switch, and no more", async () => {
  const channel = new Channel<number>(1);
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const { signal } = sw;
    await channel.put(1, { signal });
    assertStrictEquals(await rejectionOf(channel.put(2, { signal })), sw.error);
    assertEquals(await channel.take({ signal }), 1);
    assertStrictEquals(await rejectionOf(channel.take({ signal })), sw.error);
  }));
  assertEquals([channel.waitingToPut, channel.waitingToTake, channel.length], [0, 0, 0]);
});

Deno.test("Channel leaves no listener on a signal, whether served, cancelled or closed", async () => {
  const channel = new Channel<number>(0);
  const { controller, signal, listeners } = countedSignal();
  const served = channel.take({ signal });
  channel.tryPut(1);
  await served;
  assertEquals(listeners.size, 0);
  const closed = countedSignal();
  const cancelled = channel.put(1, { signal });
  controller.abort();
  await rejectionOf(cancelled);
  const waiting = channel.take({ signal: closed.signal });
  assertEquals([listeners.size, closed.listeners.size], [0, 1]);
  channel.close();
  await rejectionOf(waiting);
  assertEquals(closed.listeners.size, 0);
});

Deno.test("Channel.close() rejects those who wait to put, and those who put later", async () => {
  const channel = new Channel<number>(1, { name: "jobs" });
  await channel.put(1);
  const waiting = channel.put(2);
  channel.close();
  for (const put of [waiting, channel.put(3)]) {
    const error = await rejectionOf(put);
    assert(error instanceof ChannelClosedError);
    assertEquals(error.message, 'Cannot put: the channel "jobs" is closed');
  }
  assertThrows(() => channel.tryPut(4), ChannelClosedError);
  assertEquals(channel.waitingToPut, 0);
});

Deno.test("Channel.close() lets the rest be taken, then rejects takes", async () => {
  const channel = new Channel<number>(2);
  await channel.put(1);
  await channel.put(2);
  channel.close();
  assertEquals([channel.isClosed, channel.length], [true, 2]);
  assertEquals([await channel.take(), channel.tryTake()], [1, { value: 2 }]);
  await assertFails(channel.take(), "Cannot take: the channel is closed");
  assertThrows(() => channel.tryTake(), ChannelClosedError, "Cannot take: the channel is closed");
});

Deno.test("Channel.close() wakes each who waits to take, once", async () => {
  const channel = new Channel<number>(0);
  const controller = new AbortController();
  const waiting = [channel.take({ signal: controller.signal }), channel.take()];
  channel.close();
  controller.abort();
  channel.close(new Error("too late"));
  for (const take of waiting) await assertFails(take, "Cannot take: the channel is closed");
  assertEquals(channel.waitingToTake, 0);
});

Deno.test("Channel.close() with an error gives that to all, after the rest is taken", async () => {
  const error = new Error("the source failed");
  const full = new Channel<number>(1);
  await full.put(1);
  const putting = full.put(2);
  full.close(error);
  assertStrictEquals(await rejectionOf(putting), error);
  assertEquals(await full.take(), 1);
  assertStrictEquals(await rejectionOf(full.take()), error);
  const empty = new Channel<number>(1);
  const taking = empty.take();
  empty.close(error);
  assertStrictEquals(await rejectionOf(taking), error);
  assertThrows(() => empty.tryPut(1), Error, "the source failed");
});

Deno.test("Channel.tryPut() refuses at the limit, where a bounded stream of Lwt's does", async () => {
  const channel = new Channel<number>(3);
  for (const item of [1, 2, 3]) assert(channel.tryPut(item));
  const fourth = channel.put(4);
  assertEquals(channel.tryPut(5), false);
  assertEquals(await channel.take(), 1);
  await fourth;
  channel.close();
  assertThrows(() => channel.tryPut(6), ChannelClosedError);
  assertEquals(await Array.fromAsync(channel), [2, 3, 4]);
});

Deno.test("a loop over a Channel ends when it is closed and empty", async () => {
  const channel = new Channel<number>(0);
  const items = Array.fromAsync(channel);
  for (const item of [1, 2, 3]) await channel.put(item);
  channel.close();
  assertEquals(await items, [1, 2, 3]);
  assertEquals(await channel[Symbol.asyncIterator]().next(), { done: true, value: undefined });
});

Deno.test("a loop over a Channel throws the error that it was closed with, after the rest", async () => {
  const error = new ChannelClosedError("another channel is closed");
  const channel = new Channel<number>(1);
  await channel.put(1);
  channel.close(error);
  const seen: number[] = [];
  const loop = async () => {
    for await (const item of channel) seen.push(item);
  };
  assertStrictEquals(await rejectionOf(loop()), error);
  assertEquals(seen, [1]);
});

Deno.test("a loop over a Channel that is left takes no item too many, and closes nothing", async () => {
  const channel = new Channel<number>(3);
  for (const item of [1, 2, 3]) await channel.put(item);
  for await (const item of channel) {
    if (item === 2) break;
  }
  assertEquals([channel.length, channel.isClosed], [1, false]);
});

Deno.test("Channel.values() is cancelled while it waits", async () => {
  const channel = new Channel<number>(1);
  const seen: number[] = [];
  const run = Switch.run(async (sw) => {
    sw.fork(async (signal) => {
      for await (const item of channel.values({ signal })) seen.push(item);
    });
    await channel.put(1);
    await turn();
    sw.fail(new Error("E"));
  });
  await assertFails(run, "E");
  assertEquals([seen, channel.waitingToTake], [[1], 0]);
});

Deno.test("several loops over a Channel share its items, each once", async () => {
  const channel = new Channel<number>(0);
  const loops = [Array.fromAsync(channel), Array.fromAsync(channel), Array.fromAsync(channel)];
  for (let item = 0; item < 9; item++) await channel.put(item);
  channel.close();
  const seen = (await Promise.all(loops)).flat().sort();
  assertEquals(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("disposing of a Channel closes it", () => {
  const channel = new Channel<number>(1);
  {
    using _closed = channel;
  }
  assertEquals(channel.isClosed, true);
});

Deno.test("Channel() refuses what is no capacity", () => {
  for (const capacity of [-1, 0.5, NaN, Infinity]) {
    assertThrows(() => new Channel(capacity), RangeError, `got ${capacity}`);
  }
});
