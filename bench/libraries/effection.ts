import { createQueue, run, scoped, spawn, suspend, until } from "rivals/effection";
import { type Peer, TASKS_IN_SCOPE } from "./peer.ts";

/** Effection 4: structured concurrency by generators. */
export const effection: Peer = {
  name: "effection 4",

  async openClose(count) {
    for (let i = 0; i < count; i++) await run(nothing);
  },

  async openCloseInside(count) {
    await run(function* () {
      for (let i = 0; i < count; i++) yield* scoped(nothing);
    });
  },

  async forkJoin(count) {
    await run(function* () {
      for (let i = 0; i < count; i++) yield* yield* spawn(task);
    });
  },

  async lifetime(count) {
    for (let i = 0; i < count; i++) await run(lifetime);
  },

  async lifetimeInside(count) {
    await run(function* () {
      for (let i = 0; i < count; i++) yield* scoped(lifetime);
    });
  },

  async cancelTree(count) {
    await run(function* () {
      for (let i = 0; i < count / TASKS_IN_SCOPE; i++) yield* spawn(waiters);
    });
  },

  async handOver(count) {
    await run(function* () {
      const queue = createQueue<number, void>(); // it has no bound: the producer never waits
      const consumer = yield* spawn(function* () {
        for (let i = 0; i < count; i++) yield* queue.next();
      });
      for (let i = 0; i < count; i++) queue.add(i);
      yield* consumer;
    });
  },

  async idle(count, measure) {
    await run(function* () {
      for (let i = 0; i < count; i++) yield* spawn(suspend);
      yield* task();
      measure();
    });
  },
};

function* nothing() {}

function* task() {
  yield* until(Promise.resolve());
}

function* lifetime() {
  yield* yield* spawn(task);
}

function* waiters() {
  for (let i = 0; i < TASKS_IN_SCOPE; i++) yield* spawn(suspend);
  yield* suspend();
}
