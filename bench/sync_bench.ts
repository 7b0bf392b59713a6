/**
 * What does it cost to wait for each other? Each thing of the room `sync` when nobody has to wait
 * and when something is handed over, beside the least that can be written by hand: an array of
 * `resolve` functions, which nobody can cancel.
 *
 * Run it with `deno run bench/sync_bench.ts`. It prints medians of several interleaved rounds.
 *
 * @module
 */

import { Switch } from "../src/switch/mod.ts";
import {
  Channel,
  Condition,
  IdleTimer,
  Lazy,
  Mutex,
  RateLimiter,
  ResourcePool,
  select,
  Semaphore,
} from "../src/sync/mod.ts";
import { median } from "./median.ts";

const ROUNDS = 15;
const OPERATIONS = 20_000;
const WAITERS = 10_000;

/** A question, and what runs `count` operations of it. */
interface Case {
  readonly name: string;
  readonly run: (count: number) => void | Promise<void>;
}

const cases: readonly Case[] = [
  { name: "by hand: a hand-over to one who waits", run: handOverByHand },
  { name: "channel: hand-over to one who waits", run: (n) => handOver(n, {}) },
  { name: "  with the signal of a switch", run: (n) => Switch.run((sw) => handOver(n, sw)) },
  { name: "  with another signal", run: (n) => handOver(n, new AbortController()) },
  { name: "channel: put and take without waiting", run: putAndTake },
  { name: "channel: two fibers, capacity 0", run: (n) => pass(n, 0) },
  { name: "channel: two fibers, capacity 16", run: (n) => pass(n, 16) },
  { name: "channel: for await, capacity 16", run: (n) => passByLoop(n, 16) },
  { name: "select: of two, one is ready", run: selectReady },
  { name: "select: of two, waiting", run: selectWaiting },
  { name: "semaphore: a free permit, and its release", run: freePermit },
  { name: "semaphore: a permit that is handed over", run: handPermit },
  { name: "mutex: useRo", run: useMutex },
  { name: "condition: broadcast, for each of 100 who wait", run: broadcast },
  { name: "resource pool: use of an idle one", run: useResource },
  { name: "lazy: force of what is there", run: forceLazy },
  { name: "rate limiter: tryTake, of 100 keys", run: takeTurns },
  { name: "idle timer: touch", run: touchTimer },
];

await printCosts();
await printCancel();

async function printCosts(): Promise<void> {
  const times = cases.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { run }] of cases.entries()) {
      const ns = await timeOf(() => run(OPERATIONS)) * 1e6 / OPERATIONS;
      if (round > 0) times[i]!.push(ns); // the first round warms up
    }
  }
  for (const [i, { name }] of cases.entries()) print(name, median(times[i]!));
}

/** What it costs to cancel many who wait on one signal. A foreign reason makes an error for each. */
async function printCancel(): Promise<void> {
  const [bySwitch, byAbort]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    await Switch.run(async (sw) => {
      bySwitch!.push(await timeToCancel(sw, () => sw.fail(new Error("enough"))));
    }).catch(() => {});
    const controller = new AbortController();
    byAbort!.push(await timeToCancel(controller, () => controller.abort()));
  }
  print(`channel: cancel ${WAITERS} who wait, by a switch, each`, median(bySwitch!));
  print(`  by another signal`, median(byAbort!));
}

async function timeToCancel(options: { signal: AbortSignal }, cancel: () => void): Promise<number> {
  const channel = new Channel<number>(0);
  const waits = Array.from({ length: WAITERS }, () => channel.take(options));
  const settled = Promise.allSettled(waits);
  const ms = await timeOf(cancel);
  await settled;
  return ms * 1e6 / WAITERS;
}

async function handOverByHand(count: number): Promise<void> {
  const waiters: ((item: number) => void)[] = [];
  for (let i = 0; i < count; i++) {
    const waiting = new Promise<number>((resolve) => waiters.push(resolve));
    waiters.shift()?.(i);
    await waiting;
  }
}

async function handOver(count: number, options: { signal?: AbortSignal }): Promise<void> {
  const channel = new Channel<number>(0);
  for (let i = 0; i < count; i++) {
    const waiting = channel.take(options);
    channel.tryPut(i);
    await waiting;
  }
}

async function putAndTake(count: number): Promise<void> {
  const channel = new Channel<number>(1);
  for (let i = 0; i < count; i++) {
    await channel.put(i);
    await channel.take();
  }
}

async function pass(count: number, capacity: number): Promise<void> {
  const channel = new Channel<number>(capacity);
  await Switch.run(async (sw) => {
    sw.fork(async () => {
      for (let i = 0; i < count; i++) await channel.put(i);
    });
    for (let i = 0; i < count; i++) await channel.take();
  });
}

async function passByLoop(count: number, capacity: number): Promise<void> {
  const channel = new Channel<number>(capacity);
  await Switch.run(async (sw) => {
    sw.fork(async () => {
      using _end = channel;
      for (let i = 0; i < count; i++) await channel.put(i);
    });
    for await (const _item of channel);
  });
}

async function selectReady(count: number): Promise<void> {
  const [a, b] = [new Channel<number>(1), new Channel<number>(1)];
  const cases = [a.takeCase(), b.takeCase()];
  for (let i = 0; i < count; i++) {
    a.tryPut(i);
    await select(cases);
  }
}

async function selectWaiting(count: number): Promise<void> {
  const [a, b] = [new Channel<number>(0), new Channel<number>(0)];
  const cases = [a.takeCase(), b.takeCase()];
  for (let i = 0; i < count; i++) {
    const waiting = select(cases);
    a.tryPut(i);
    await waiting;
  }
}

async function freePermit(count: number): Promise<void> {
  const semaphore = new Semaphore(1);
  for (let i = 0; i < count; i++) {
    using _permit = await semaphore.acquire();
  }
}

async function handPermit(count: number): Promise<void> {
  const semaphore = new Semaphore(1);
  let held = await semaphore.acquire();
  for (let i = 0; i < count; i++) {
    const waiting = semaphore.acquire();
    held.release();
    held = await waiting;
  }
}

async function useMutex(count: number): Promise<void> {
  const mutex = new Mutex();
  for (let i = 0; i < count; i++) await mutex.useRo(() => i);
}

async function broadcast(count: number): Promise<void> {
  const condition = new Condition();
  for (let i = 0; i < count; i += 100) {
    const waiting = Array.from({ length: 100 }, () => condition.wait());
    condition.broadcast();
    await Promise.all(waiting);
  }
}

async function useResource(count: number): Promise<void> {
  const pool = new ResourcePool(1, () => ({}));
  for (let i = 0; i < count; i++) await pool.use(() => i);
}

async function forceLazy(count: number): Promise<void> {
  const lazy = new Lazy(() => 42);
  for (let i = 0; i < count; i++) await lazy.force();
}

/** A clock of milliseconds, each time it is read a little later. */
function tickingClock() {
  let now = 0;
  return { monotonic: () => now += 0.001, setTimer: () => ({ cancel() {} }) };
}

function takeTurns(count: number): void {
  const clock = tickingClock();
  const limiter = new RateLimiter<number>({ clock, perSecond: 1e6, burst: 9, maxWaiting: 0 });
  for (let i = 0; i < count; i++) limiter.tryTake(i % 100);
}

function touchTimer(count: number): void {
  const timer = new IdleTimer(tickingClock(), 1000, () => {});
  timer.start();
  for (let i = 0; i < count; i++) timer.touch();
  timer.stop();
}

async function timeOf(fn: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await fn();
  return performance.now() - start;
}

function print(name: string, ns: number): void {
  console.log(`${name.padEnd(56)} ${ns.toFixed(0).padStart(6)} ns`);
}
