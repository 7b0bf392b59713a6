import { type FakeClock, type FakeEnv, fakeEnv, type FakeEnvOptions } from "../env/mod.ts";
import { type Defer, Switch, Trace } from "../switch/mod.ts";
import { DeadlockError } from "./deadlock_error.ts";
import { Schedule } from "./schedule.ts";

/** What a test of {@linkcode runTest} and {@linkcode explore} is given. */
export interface TestScope {
  /** The switch that it runs in. */
  readonly sw: Switch;

  /** A machine without a will: its clock moves by itself when nothing else can happen. */
  readonly env: FakeEnv;

  /** What has happened in the switch and below. */
  readonly trace: Trace;

  /** Waits as long as the schedule wants: a place where others may go on. */
  pause(): Promise<void>;

  /** Puts a wake-up off as long as the schedule wants: for fakes of your own. */
  readonly defer: Defer;
}

/** Options for {@linkcode runTest}. */
export interface RunTestOptions {
  /**
   * Which schedule to follow: the same seed gives the same one. Without it, those who were woken go
   * on in the order in which that happened.
   */
  readonly seed?: number | undefined;

  /**
   * After how many wake-ups the test is taken to go on for ever.
   *
   * @default {100000}
   */
  readonly maxSteps?: number;

  /** What the machine holds. */
  readonly env?: Omit<FakeEnvOptions, "defer" | "seed">;
}

/**
 * How many turns of the event loop must be quiet before the clock moves. More than one, as nobody
 * sees who takes a turn by a `Fiber.yield` without a signal.
 */
const TURNS_BEFORE_TIMER = 10;

/** How many turns must be quiet before it is a deadlock: a false alarm is worse than a late one. */
const TURNS_BEFORE_DEADLOCK = 1000;

/**
 * Runs `fn` in a switch of its own on a fake machine, whose clock moves to its next timer as soon
 * as nothing else can happen, and returns what it returned. No time passes.
 *
 * Rejects as `Switch.run` does; with a {@linkcode DeadlockError} when all fibers wait and no timer
 * is set; with a `RangeError` when it takes too many steps. It then cancels the test and waits for
 * its end, as long as anything moves.
 *
 * The test must do nothing real: what waits for a file or a socket looks as if it waited for ever,
 * and so does, after some hundred turns, who yields without a signal. Eio's `Mock.Backend.run_full`.
 *
 * @example
 * ```ts
 * import { DeadlockError, runTest, Semaphore } from "@switchyard/switchyard";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const slept = await runTest(async ({ env: { clock } }) => {
 *   await clock.sleep(3_600_000);
 *   return clock.monotonic();
 * });
 * assertEquals(slept, 3_600_000);
 *
 * const stuck = runTest(({ sw }) => {
 *   const connections = new Semaphore(0, { name: "connections" });
 *   sw.fork(async function client(signal) {
 *     await connections.acquire({ signal });
 *   });
 * });
 * await assertRejects(() => stuck, DeadlockError, "0 ms  Semaphore connections");
 * ```
 */
export async function runTest<T>(
  fn: (scope: TestScope) => T | Promise<T>,
  options: RunTestOptions = {},
): Promise<T> {
  const { seed, maxSteps = 100_000 } = options;
  const schedule = new Schedule(seed);
  const { defer } = schedule;
  const env = fakeEnv({ ...options.env, ...(seed !== undefined && { seed }), defer });
  const trace = new Trace(env.clock, { defer });
  const pause = () => new Promise<void>(defer);
  const stop = new AbortController();
  const { promise: root, resolve } = Promise.withResolvers<Switch>();
  const result = Switch.run((sw) => {
    resolve(sw);
    return fn({ sw, env, trace, pause, defer });
  }, { name: "test", signal: stop.signal, observer: trace });
  const run = { sw: await root, result, schedule, clock: env.clock };
  const failure = await drive(run, maxSteps);
  if (failure === undefined) return await result;
  stop.abort(failure.error);
  await drive(run, schedule.steps + maxSteps);
  throw failure.error;
}

interface Run {
  readonly sw: Switch;
  readonly result: Promise<unknown>;
  readonly schedule: Schedule;
  readonly clock: FakeClock;
}

/** Lets the test go on until it has ended, or cannot: then says why. */
async function drive(run: Run, maxSteps: number): Promise<{ error: unknown } | undefined> {
  let isOver = false;
  run.result.finally(() => isOver = true).catch(() => {});
  try {
    for (let quietTurns = 0; !isOver; quietTurns++) {
      await turn(); // all that is ready has run now, down to the last microtask
      if (run.schedule.release() || wakeByClock(run, quietTurns)) quietTurns = 0;
      if (run.schedule.steps > maxSteps) throw endless(maxSteps);
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Moves the clock if it is time for that. Throws when there is nothing left to wait for. */
function wakeByClock({ sw, clock }: Run, quietTurns: number): boolean {
  const ms = clock.nextIn ?? Infinity;
  if (ms === Infinity && quietTurns >= TURNS_BEFORE_DEADLOCK) throw new DeadlockError(sw.inspect());
  if (ms === Infinity || quietTurns < TURNS_BEFORE_TIMER) return false;
  clock.tick(ms);
  return true;
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function endless(maxSteps: number): RangeError {
  return new RangeError(`Cannot end the test: it takes more than ${maxSteps} wake-ups`);
}
