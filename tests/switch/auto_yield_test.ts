import { assert, assertEquals } from "@std/assert";
import { FakeClock } from "../../src/env/mod.ts";
import { Cancelled, Fiber } from "../../src/switch/mod.ts";
import { rejectionOf } from "./helpers.ts";

Deno.test("Fiber.autoYield() yields when so much time has gone by since it last did", async () => {
  const clock = new FakeClock();
  const pause = Fiber.autoYield(clock, 5);
  const yielded: boolean[] = [];
  for (let i = 0; i < 7; i++) {
    clock.tick(2);
    const pausing = pause();
    yielded.push(pausing !== undefined);
    await pausing;
  }
  assertEquals(yielded, [false, false, true, false, false, true, false]);
});

Deno.test("Fiber.autoYield() looks at its signal after each yield", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const pause = Fiber.autoYield(clock, 5, controller);
  controller.abort();
  assertEquals(pause(), undefined);
  clock.tick(5);
  assert(await rejectionOf(pause() ?? Promise.resolve()) instanceof Cancelled);
});
