import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancelled, Switch } from "../../src/switch/mod.ts";
import { Channel, ChannelClosedError, select } from "../../src/sync/mod.ts";
import { assertFails, countedSignal, rejectionOf, stateOf } from "../switch/helpers.ts";

Deno.test("select() takes what is there, and returns what its function makes of it", async () => {
  const [numbers, words] = [new Channel<number>(1), new Channel<string>(1)];
  await words.put("b");
  const cases = [numbers.takeCase((n) => n + 1), words.takeCase((word) => `${word}!`)];
  assertEquals(await select(cases), "b!");
  await numbers.put(1);
  assertEquals(await select(cases), 2);
});

Deno.test("select() without a function returns the item, and nothing for a put", async () => {
  const channel = new Channel<number>(1);
  assertEquals(await select([channel.putCase(7)]), undefined);
  assertEquals(await select([channel.takeCase()]), 7);
});

Deno.test("select() waits in all lines, and leaves them when one of the cases happens", async () => {
  const [a, b, c] = [new Channel<number>(0), new Channel<number>(0), new Channel<number>(0)];
  const chosen = select([a.takeCase(), b.takeCase(), c.putCase(3, () => "put")]);
  assertEquals([a.waitingToTake, b.waitingToTake, c.waitingToPut], [1, 1, 1]);
  assert(b.tryPut(2));
  assertEquals([a.waitingToTake, b.waitingToTake, c.waitingToPut], [0, 0, 0]);
  assertEquals([a.tryPut(1), c.tryTake()], [false, undefined]);
  assertEquals(await chosen, 2);
});

Deno.test("select() that puts does so once", async () => {
  const [a, b] = [new Channel<string>(1), new Channel<string>(1)];
  a.tryPut("full");
  b.tryPut("full");
  const chosen = select([a.putCase("to a", () => "a"), b.putCase("to b", () => "b")]);
  assertEquals(await stateOf(chosen), "open");
  assertEquals([b.tryTake(), a.tryTake()], [{ value: "full" }, { value: "full" }]);
  assertEquals(await chosen, "b");
  assertEquals([a.tryTake(), b.tryTake()], [undefined, { value: "to b" }]);
});

Deno.test("select() stands in line behind those who came before, and before those who come later", async () => {
  const channel = new Channel<number>(0);
  const first = channel.take();
  const second = select([channel.takeCase()]);
  const third = channel.take();
  for (const item of [1, 2, 3]) assert(channel.tryPut(item));
  assertEquals(await Promise.all([first, second, third]), [1, 2, 3]);
});

Deno.test("two select() meet each other, but none meets itself", async () => {
  const channel = new Channel<string>(0);
  const both = (name: string) =>
    select([
      channel.takeCase((item) => `${name} took ${item}`),
      channel.putCase(name, () => `${name} put`),
    ]);
  const first = both("a");
  assertEquals(await stateOf(first), "open");
  assertEquals(await Promise.all([first, both("b")]), ["a put", "b took a"]);
  assertEquals([channel.waitingToTake, channel.waitingToPut], [0, 0]);
});

Deno.test("select() takes ready cases in turn, so that none starves another", async () => {
  const channels = ["a", "b", "c"].map(() => new Channel<number>(9));
  for (const channel of channels) while (channel.tryPut(0));
  const cases = channels.map((channel, i) => channel.takeCase(() => "abc"[i]));
  const chosen: unknown[] = [];
  for (let i = 0; i < 9; i++) chosen.push(await select(cases));
  assertEquals(chosen.join(""), "abcabcabc");
});

Deno.test("select() serves a case that was not ready for long first, and then in turn", async () => {
  const [busy, rare] = [new Channel<string>(9), new Channel<string>(9)];
  const step = () => select([busy.takeCase(), rare.takeCase()]);
  while (busy.tryPut("busy"));
  const chosen = [await step(), await step(), await step()];
  rare.tryPut("rare");
  rare.tryPut("rare");
  chosen.push(await step(), await step(), await step(), await step());
  assertEquals(chosen, ["busy", "busy", "busy", "rare", "busy", "rare", "busy"]);
});

Deno.test("select() that is cancelled was never there", async () => {
  const [a, b] = [new Channel<number>(0), new Channel<number>(0)];
  const { controller, signal, listeners } = countedSignal();
  const chosen = select([a.takeCase(), b.putCase(1)], { signal });
  assertEquals(listeners.size, 1);
  controller.abort("left");
  assertEquals([a.waitingToTake, b.waitingToPut, listeners.size], [0, 0, 0]);
  assertEquals([a.tryPut(1), b.tryTake()], [false, undefined]);
  await assertFails(chosen, "Cancelled: left");
});

Deno.test("select() whose case has happened is not cancelled any more", async () => {
  const channel = new Channel<number>(0);
  const controller = new AbortController();
  const chosen = select([channel.takeCase()], { signal: controller.signal });
  channel.tryPut(1);
  controller.abort();
  assertEquals(await chosen, 1);
});

Deno.test("select() does what is ready in a cancelled switch, but does not wait", async () => {
  const channel = new Channel<number>(1);
  await rejectionOf(Switch.run(async (sw) => {
    sw.fail(new Error("E"));
    const { signal } = sw;
    await select([channel.putCase(1)], { signal });
    assertStrictEquals(await rejectionOf(select([channel.putCase(2)], { signal })), sw.error);
  }));
  assertEquals([channel.length, channel.waitingToPut], [1, 0]);
});

Deno.test("select() rejects when a channel of it is closed, before or meanwhile", async () => {
  const [open, closing] = [new Channel<number>(0), new Channel<number>(0, { name: "jobs" })];
  const waiting = select([open.takeCase(), closing.takeCase(), closing.putCase(1)]);
  closing.close();
  const messages = [
    await rejectionOf(waiting),
    await rejectionOf(select([open.takeCase(), closing.takeCase()])),
    await rejectionOf(select([closing.putCase(1)])),
  ].map((error) => error instanceof ChannelClosedError && error.message);
  assertEquals(messages, [
    'Cannot put: the channel "jobs" is closed',
    'Cannot take: the channel "jobs" is closed',
    'Cannot put: the channel "jobs" is closed',
  ]);
  assertEquals([open.waitingToTake, closing.waitingToTake], [0, 0]);
});

Deno.test("select() rejects with what its function throws, and has taken the item", async () => {
  const channel = new Channel<number>(1);
  await channel.put(1);
  const failing = select([channel.takeCase(() => Promise.reject(new Error("E")))]);
  await assertFails(failing, "E");
  assertEquals(channel.length, 0);
});

Deno.test("select() calls the function in the turn of the one who selects", async () => {
  const channel = new Channel<number>(0);
  const log: string[] = [];
  const chosen = select([channel.takeCase(() => log.push("taken"))]);
  channel.tryPut(1);
  log.push("putter goes on");
  await chosen;
  assertEquals(log, ["putter goes on", "taken"]);
});

Deno.test("select() of nothing is refused", async () => {
  await assertRejects(() => select([]), RangeError, "Cannot select: expected one case or more");
});

Deno.test("select() of one who gives up does not take the turn of another", async () => {
  const channel = new Channel<number>(0);
  const controller = new AbortController();
  const first = select([channel.takeCase()], { signal: controller.signal });
  const second = channel.take();
  controller.abort();
  assert(channel.tryPut(1));
  assertEquals(await second, 1);
  await assertRejects(() => first, Cancelled);
});
