import { Fiber, Switch } from "../../src/switch/mod.ts";
import { Channel, Semaphore } from "../../src/sync/mod.ts";
import { type Peer, task, TASKS_IN_SCOPE } from "./peer.ts";

/** This library. */
export const switchyard: Peer = {
  name: "switchyard",

  async openClose(count) {
    for (let i = 0; i < count; i++) await Switch.run(() => {});
  },

  async forkJoin(count) {
    await Switch.run(async (sw) => {
      for (let i = 0; i < count; i++) await sw.forkPromise(task);
    });
  },

  async lifetime(count) {
    for (let i = 0; i < count; i++) await Switch.run((sw) => sw.fork(task));
  },

  async mapTen(count) {
    await Fiber.forEach(range(count), task, { maxFibers: 10 });
  },

  async cancelTree(count) {
    await Switch.run((sw) => {
      for (let i = 0; i < count / TASKS_IN_SCOPE; i++) void sw.run(waiters);
      sw.fail(new Error("enough"));
    }).catch(() => {});
  },

  async handOver(count) {
    const channel = new Channel<number>(1);
    await Fiber.both(async () => {
      for (let i = 0; i < count; i++) await channel.put(i);
    }, async () => {
      for (let i = 0; i < count; i++) await channel.take();
    });
  },

  async permit(count) {
    const semaphore = new Semaphore(1);
    for (let i = 0; i < count; i++) (await semaphore.acquire()).release();
  },

  async idle(count, measure) {
    await Switch.run((sw) => {
      for (let i = 0; i < count; i++) sw.fork(Fiber.awaitCancel);
      measure();
      sw.fail(new Error("enough"));
    }).catch(() => {});
  },
};

function waiters(sw: Switch): void {
  for (let i = 0; i < TASKS_IN_SCOPE; i++) sw.fork(Fiber.awaitCancel);
}

function* range(count: number): Iterable<number> {
  for (let i = 0; i < count; i++) yield i;
}
