import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock, realEnv } from "../../src/env/mod.ts";
import { Fiber, Switch } from "../../src/switch/mod.ts";

Deno.test("FakeClock fires what is due whenever it is moved, and nothing when it is set back", () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const at = (ms: number, name: string) => clock.setTimer(ms, () => void fired.push(name));
  at(5, "C");
  at(10, "B");
  at(5, "A");
  at(12, "D").cancel();
  at(5, "E");
  const move = (ms: number) => {
    clock.tick(ms);
    return fired.splice(0).join();
  };
  assertEquals(move(5), "C,A,E");
  clock.setNow(1);
  assertEquals([move(0), clock.now(), clock.monotonic()], ["", 1, 5]);
  assertEquals([move(5), move(2)], ["B", ""]);
});

Deno.test("a sleep of less than nothing lets others go first", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  await Switch.run(async (sw) => {
    sw.fork(async () => {
      log.push("1");
      await clock.sleep(-1);
      log.push("done");
    });
    sw.fork(() => void log.push("2"));
    await clock.advance(0);
  });
  assertEquals(log, ["1", "2", "done"]);
});

Deno.test("timers fire although some fiber can always go on", async () => {
  const { clock } = realEnv();
  const winner = await Fiber.first(
    async (signal) => {
      while (true) await Fiber.yield(signal);
    },
    (signal) => clock.sleep(1, { signal }).then(() => "the sleeper"),
  );
  assertEquals(winner, "the sleeper");
});

Deno.test("FakeClock.advanceToNext() wakes all of the next time, in the order of setting", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const sleepers = [["b", 7], ["a", 5], ["c", 7]].map(async ([name, ms]) => {
    await clock.sleep(Number(ms));
    log.push(`${name}@${clock.monotonic()}`);
    await Promise.resolve();
    log.push("on");
  });
  await clock.advanceToNext();
  assertEquals(log.splice(0), ["a@5", "on"]);
  await clock.advanceToNext();
  assertEquals(log.splice(0), ["b@7", "c@7", "on", "on"]);
  await Promise.all(sleepers);
});

Deno.test("FakeClock.advanceToNext() refuses where no timer ever falls due", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(Infinity, { signal: controller.signal });
  await assertRejects(() => clock.advanceToNext(), TypeError, "to the next timer: none is set");
  controller.abort();
  await assertRejects(() => sleeping);
});

Deno.test("FakeClock hands what falls due to whoever puts it off, in order and not before", () => {
  const kept: (() => void)[] = [];
  const clock = new FakeClock(0, { defer: (fire) => void kept.push(fire) });
  const fired: string[] = [];
  const timers = ["a", "b", "c"].map((name) => clock.setTimer(5, () => void fired.push(name)));
  clock.tick(4);
  assertEquals(kept.length, 0);
  clock.tick(1);
  assertEquals([kept.length, fired], [3, []]);
  timers[1]?.cancel();
  for (const fire of kept.toReversed()) fire();
  for (const fire of kept) fire(); // once is enough
  assertEquals(fired, ["c", "a"]);
});

Deno.test("a fiber that sleeps on a fake clock says so in the tree", async () => {
  const clock = new FakeClock();
  await Switch.run((sw) => {
    sw.forkDaemon((signal) => clock.sleep(30_000, { signal }));
    assertEquals(sw.inspect().waitsFor, ["sleep 30000 ms"]);
  });
  assertEquals(clock.timers, 0);
  assertThrows(() => clock.tick(-1), RangeError);
});
