import { Effect, Fiber, Queue } from "npm:effect@3.22.4";
import { type Peer, TASKS_IN_SCOPE } from "./peer.ts";

const task = Effect.promise(() => Promise.resolve());
/** Waits for ever. `Effect.never` would also set a timer, to keep the process alive. */
const waiting = Effect.async<never>(() => {});
const lifetime = Effect.scoped(Effect.flatMap(Effect.forkScoped(task), Fiber.join));

/** Effect 3: a runtime of its own, with its own fibers. */
export const effect: Peer = {
  name: "effect 3",

  async openClose(count) {
    for (let i = 0; i < count; i++) await Effect.runPromise(Effect.scoped(Effect.void));
  },

  openCloseInside: (count) => Effect.runPromise(repeat(Effect.scoped(Effect.void), count)),

  forkJoin: (count) =>
    Effect.runPromise(repeat(Effect.flatMap(Effect.fork(task), Fiber.join), count)),

  async lifetime(count) {
    for (let i = 0; i < count; i++) await Effect.runPromise(lifetime);
  },

  lifetimeInside: (count) => Effect.runPromise(repeat(lifetime, count)),

  async mapTen(count) {
    const items = Array.from({ length: count }, (_, i) => i);
    await Effect.runPromise(Effect.forEach(items, () => task, { concurrency: 10, discard: true }));
  },

  async cancelTree(count) {
    const waiters = Effect.zipRight(
      repeat(Effect.fork(Effect.never), TASKS_IN_SCOPE),
      Effect.never,
    );
    const tree = repeat(Effect.fork(waiters), count / TASKS_IN_SCOPE);
    await Effect.runPromise(Effect.zipRight(tree, Effect.yieldNow()));
  },

  async handOver(count) {
    await Effect.runPromise(Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(1);
      const consumer = yield* Effect.fork(repeat(Queue.take(queue), count));
      yield* repeat(Queue.offer(queue, 1), count);
      yield* Fiber.join(consumer);
    }));
  },

  async permit(count) {
    const semaphore = Effect.unsafeMakeSemaphore(1);
    await Effect.runPromise(repeat(semaphore.withPermits(1)(Effect.void), count));
  },

  async idle(count, measure) {
    await Effect.runPromise(Effect.gen(function* () {
      yield* repeat(Effect.fork(waiting), count);
      yield* Effect.yieldNow();
      measure();
    }));
  },
};

function repeat<T>(each: Effect.Effect<T>, count: number): Effect.Effect<void> {
  return Effect.gen(function* () {
    for (let i = 0; i < count; i++) yield* each;
  });
}
