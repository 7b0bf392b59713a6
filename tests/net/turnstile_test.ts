import { assertEquals } from "@std/assert";
import { Turnstile } from "../../src/net/turnstile.ts";

/** Comes so many times at once: each place that is had is told of when it is. */
function crowd(turnstile: Turnstile, count: number): { turns: Promise<void>[]; through: number[] } {
  const through: number[] = [];
  const turns = Array.from({ length: count }, async (_, who) => {
    const turn = turnstile.pass();
    if (turn !== undefined) await turn;
    through.push(who);
  });
  return { turns, through };
}

Deno.test("A crowd goes through a turnstile so many a turn, in the order of its coming", async () => {
  using turnstile = new Turnstile(4);
  const { turns, through } = crowd(turnstile, 11);
  assertEquals(through, [0, 1, 2, 3]);
  for (const last of [7, 10]) {
    await turns[last];
    assertEquals(through, Array.from({ length: last + 1 }, (_, who) => who));
  }
});

Deno.test("Who comes to a turnstile when the turns before had room to spare does not wait", async () => {
  using turnstile = new Turnstile(4);
  for (let turn = 0; turn < 5; turn++) {
    assertEquals(crowd(turnstile, 3).through.length, 3);
    await new Promise((resolve) => setTimeout(resolve)); // behind the timer that ends the turn
  }
});

Deno.test("A turnstile that is disposed of lets all through, and leaves no timer", async () => {
  const turnstile = new Turnstile(2);
  const { turns, through } = crowd(turnstile, 9);
  turnstile[Symbol.dispose]();
  await Promise.all(turns);
  assertEquals(through.length, 9);
});
