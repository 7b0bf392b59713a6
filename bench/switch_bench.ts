/**
 * What does a lifetime cost? A switch beside what a program would write without one, which neither
 * waits for its tasks when one fails nor takes its listeners off.
 */

import { Fiber, Switch } from "../src/switch/mod.ts";
import { Semaphore } from "../src/sync/mod.ts";

const FIBERS = 10_000;

async function task(): Promise<void> {
  await Promise.resolve();
}

Deno.bench("a switch, a fork and the join", { group: "one task", baseline: true }, async () => {
  await Switch.run((sw) => sw.fork(task));
});

Deno.bench("Promise.all", { group: "one task" }, async () => {
  await Promise.all([task()]);
});

Deno.bench("Promise.all with an AbortController", { group: "one task" }, async () => {
  const controller = new AbortController();
  try {
    await Promise.all([task()]);
  } finally {
    controller.abort();
  }
});

Deno.bench(
  "a switch below another, by its signal",
  { group: "nested", baseline: true },
  () => Switch.run((sw) => Switch.run(task, { signal: sw.signal })),
);

Deno.bench("AbortSignal.any of two", { group: "nested" }, async () => {
  const [outer, inner] = [new AbortController(), new AbortController()];
  AbortSignal.any([outer.signal, inner.signal]);
  await task();
});

Deno.bench(
  `cancel ${FIBERS} fibers, by callback`,
  { group: "cancel", baseline: true },
  () => cancelAll((sw) => new Promise<never>((_, reject) => void sw.onCancel(reject))),
);

Deno.bench(
  `cancel ${FIBERS} fibers, by signal`,
  { group: "cancel" },
  () => cancelAll((sw) => Fiber.awaitCancel(sw.signal)),
);

Deno.bench(
  `cancel ${FIBERS} fibers, each in a switch`,
  { group: "cancel" },
  () =>
    cancelAll((sw) =>
      sw.run((child) => new Promise<never>((_, reject) => void child.onCancel(reject)))
    ),
);

Deno.bench(`abort ${FIBERS} event listeners`, { group: "cancel" }, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const tasks = Array.from({ length: FIBERS }, () =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }));
  controller.abort();
  await Promise.allSettled(tasks);
});

const semaphore = new Semaphore(1);

Deno.bench("a free permit, and its release", { group: "semaphore" }, async () => {
  using _permit = await semaphore.acquire();
});

Deno.bench("a permit that is handed over", { group: "semaphore" }, async () => {
  const held = await semaphore.acquire();
  const waiting = semaphore.acquire();
  held.release();
  (await waiting).release();
});

Deno.bench("a yield to the event loop", { group: "yield" }, () => Fiber.yield());

async function cancelAll(wait: (sw: Switch) => Promise<never>): Promise<void> {
  await Switch.run((sw) => {
    for (let i = 0; i < FIBERS; i++) sw.fork(() => wait(sw));
    sw.fail(new Error("enough"));
  }).catch(() => {});
}
