import { assertEquals } from "@std/assert";
import { Lull } from "../../src/dispatch/lull.ts";

/** A lull of a thread that notes for how long it would have been blocked. */
function aLull() {
  const cores = { areFull: true, hasWorkFor: () => cores.areFull };
  const blocks: number[] = [];
  return { cores, blocks, lull: new Lull(cores, (ms) => blocks.push(ms)) };
}

function turnsEnd(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

Deno.test("The thread rests once a turn, however many lines were taken, while all cores have work", async () => {
  const { blocks, lull } = aLull();
  lull.consider();
  lull.consider();
  assertEquals(blocks, [], "what was taken with them is done first");
  await turnsEnd();
  assertEquals(blocks, [0.1]);
  lull.consider();
  await turnsEnd();
  assertEquals(blocks, [0.1, 0.1]);
});

Deno.test("The thread does not rest while a core has no work, at the turn's end either", async () => {
  const { blocks, cores, lull } = aLull();
  lull.consider();
  cores.areFull = false;
  await turnsEnd();
  lull.consider();
  cores.areFull = true;
  await turnsEnd();
  assertEquals(blocks, []);
});
