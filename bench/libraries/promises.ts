import pLimit from "rivals/p-limit";
import PQueue from "rivals/p-queue";
import { pooledMap } from "rivals/std-pool";
import { type Peer, task, TASKS_IN_SCOPE } from "./peer.ts";

/**
 * What a program writes without a library: it neither waits for its tasks when one fails nor keeps a
 * tree. A scope is a controller whose signal hangs on an outer one.
 */
export const promises: Peer = {
  name: "Promise.all + AbortSignal.any",

  async openClose(count) {
    for (let i = 0; i < count; i++) await withScope(() => Promise.all([]));
  },

  async forkJoin(count) {
    for (let i = 0; i < count; i++) await Promise.all([task()]);
  },

  async lifetime(count) {
    for (let i = 0; i < count; i++) await withScope(() => Promise.all([task()]));
  },

  async cancelTree(count) {
    const controller = new AbortController();
    const scopes = Array.from({ length: count / TASKS_IN_SCOPE }, () => {
      const signal = AbortSignal.any([controller.signal, new AbortController().signal]);
      return Promise.all(Array.from({ length: TASKS_IN_SCOPE }, () => aborted(signal)));
    });
    controller.abort();
    await Promise.allSettled(scopes);
  },

  async idle(count, measure) {
    const controller = new AbortController();
    const waiting = Array.from({ length: count }, () => aborted(controller.signal));
    measure();
    controller.abort();
    await Promise.allSettled(waiting);
  },
};

/** Sindre Sorhus's p-limit: a limit, and no lifetime. */
export const pLimitPeer: Peer = {
  name: "p-limit",

  async forkJoin(count) {
    const limit = pLimit(10);
    for (let i = 0; i < count; i++) await limit(task);
  },

  async mapTen(count) {
    const limit = pLimit(10);
    await Promise.all(Array.from({ length: count }, () => limit(task)));
  },

  async permit(count) {
    const limit = pLimit(1);
    const nothing = () => {};
    for (let i = 0; i < count; i++) await limit(nothing);
  },
};

/** Sindre Sorhus's p-queue: a limit, with priorities and events. */
export const pQueuePeer: Peer = {
  name: "p-queue",

  async forkJoin(count) {
    const queue = new PQueue({ concurrency: 10 });
    for (let i = 0; i < count; i++) await queue.add(task);
  },

  async mapTen(count) {
    const queue = new PQueue({ concurrency: 10 });
    await queue.addAll(Array.from({ length: count }, () => task));
  },
};

/** `pooledMap` of `@std/async`. */
export const stdPool: Peer = {
  name: "@std/async",

  async mapTen(count) {
    for await (const _ of pooledMap(10, Array.from({ length: count }), task)) { /* drain it */ }
  },
};

const outer = new AbortController().signal;

async function withScope(run: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  try {
    await run(AbortSignal.any([outer, controller.signal]));
  } finally {
    controller.abort();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
