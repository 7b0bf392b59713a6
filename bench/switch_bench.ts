/**
 * What does a lifetime cost? A switch beside what a program would write without one, which neither
 * waits for its tasks when one fails nor takes its listeners off.
 */

import { Fiber, FiberLocal, Switch, type WaitOptions } from "../src/switch/mod.ts";

const FIBERS = 10_000;
const TEN = Array.from({ length: 10 }, () => task);

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

Deno.bench("Fiber.all of ten", { group: "together", baseline: true }, async () => {
  await Fiber.all(TEN);
});

Deno.bench("Fiber.any of ten", { group: "together" }, async () => {
  await Fiber.any(TEN);
});

Deno.bench("Fiber.map of ten, three at a time", { group: "together" }, async () => {
  await Fiber.map(TEN, task, { maxFibers: 3 });
});

Deno.bench("Promise.all of ten", { group: "together" }, async () => {
  await Promise.all(TEN.map((fn) => fn()));
});

const clock = { sleep: (_ms: number, { signal }: WaitOptions = {}) => Fiber.awaitCancel(signal!) };

Deno.bench("Fiber.withTimeout, in time", { group: "timeout", baseline: true }, async () => {
  await Fiber.withTimeout(clock, 1000, task);
});

Deno.bench("AbortSignal.timeout, in time", { group: "timeout" }, async () => {
  await Promise.race([
    task(),
    new Promise((_, reject) => {
      AbortSignal.timeout(1000).addEventListener("abort", reject);
    }),
  ]);
});

const local = new FiberLocal<number>("local");

Deno.bench("bind and read a fiber local", { group: "local" }, () => {
  local.run(1, () => local.get());
});

Deno.bench("a yield to the event loop", { group: "yield" }, () => Fiber.yield());

async function cancelAll(wait: (sw: Switch) => Promise<never>): Promise<void> {
  await Switch.run((sw) => {
    for (let i = 0; i < FIBERS; i++) sw.fork(() => wait(sw));
    sw.fail(new Error("enough"));
  }).catch(() => {});
}
