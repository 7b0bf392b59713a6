import type { WaitOptions } from "../switch/mod.ts";
import { RateLimitError } from "./rate_limit_error.ts";
import type { TimerSource } from "./timer_source.ts";
import { WaitingLine } from "./waiter.ts";

/** Options for a {@linkcode RateLimiter}. */
export interface RateLimiterOptions {
  /** Tells the time and sets the timers of those who wait. */
  readonly clock: TimerSource;

  /** How many turns each key gets a second, in the long run. */
  readonly perSecond: number;

  /** How many turns a key that was idle gets at once. */
  readonly burst: number;

  /** How many may wait at a time, over all keys: one more is refused. */
  readonly maxWaiting: number;
}

/**
 * Limits how often something is done for each key, such as a peer's address: so many times a
 * second, and so many at once. Who comes too early waits for its turn, in the order of coming, or
 * is refused where too many wait. Keys do not touch each other, and one that was idle for long
 * enough is forgotten.
 *
 * It is a token bucket for each key: a bucket holds `burst` tokens, a turn takes one, and
 * `perSecond` of them come back each second. `Lwt_throttle`, with first come first served, and
 * with waiters that leave nothing behind when they are cancelled.
 *
 * @example
 * ```ts
 * import { FakeClock, RateLimiter } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const limiter = new RateLimiter({ clock, perSecond: 10, burst: 1, maxWaiting: 100 });
 * assertEquals(limiter.tryTake("127.0.0.1"), true);
 * assertEquals(limiter.tryTake("127.0.0.1"), false);
 * const turn = limiter.wait("127.0.0.1");
 * clock.tick(100);
 * await turn;
 * ```
 */
export class RateLimiter<K = string> {
  readonly #clock: TimerSource;
  readonly #intervalMs: number;
  readonly #burst: number;
  readonly #maxWaiting: number;
  /** Those that are not full, by when they were last asked. */
  readonly #buckets = new Map<K, Bucket>();
  #waiting = 0;

  /** Make a limiter that has seen no key. */
  constructor({ clock, perSecond, burst, maxWaiting }: RateLimiterOptions) {
    checkLimit("perSecond", "a number above 0", perSecond, perSecond > 0 && perSecond < Infinity);
    checkLimit("burst", "a whole number above 0", burst, Number.isSafeInteger(burst) && burst > 0);
    checkLimit(
      "maxWaiting",
      "a whole number and not negative",
      maxWaiting,
      Number.isSafeInteger(maxWaiting) && maxWaiting >= 0,
    );
    this.#clock = clock;
    this.#intervalMs = 1000 / perSecond;
    this.#burst = burst;
    this.#maxWaiting = maxWaiting;
  }

  /** How many keys it knows. One whose tokens have all come back is forgotten at a later call. */
  get keys(): number {
    return this.#buckets.size;
  }

  /** How many wait for their turn, over all keys. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Takes a turn for `key`, and waits for it where it comes too early. Rejects with
   * {@linkcode Cancelled} when `signal` is aborted during the wait, which leaves the turn to the
   * next; and at once with {@linkcode RateLimitError} when `maxWaiting` wait already.
   */
  wait(key: K, { signal }: WaitOptions = {}): Promise<void> {
    const bucket = this.#touch(key);
    if (this.#takeNow(bucket)) return Promise.resolve();
    if (this.#waiting >= this.#maxWaiting) return Promise.reject(this.#refusal());
    return this.#waitIn(bucket, signal);
  }

  /** Takes a turn for `key` if it has one now, and nobody waits for it. */
  tryTake(key: K): boolean {
    return this.#takeNow(this.#touch(key));
  }

  /** The bucket of `key`, which becomes the one that was asked last. */
  #touch(key: K): Bucket {
    this.#forgetFull();
    const bucket = this.#buckets.get(key) ?? new Bucket();
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Forgets what is as good as new, from the one on that was not asked for the longest time. */
  #forgetFull(): void {
    const now = this.#clock.monotonic();
    for (const [key, bucket] of this.#buckets) {
      if (bucket.fullAt > now || bucket.line.size > 0) return;
      this.#buckets.delete(key);
    }
  }

  #takeNow(bucket: Bucket): boolean {
    const now = this.#clock.monotonic();
    const isFree = bucket.line.size === 0 && this.#nextTurn(bucket) <= now;
    if (isFree) this.#take(bucket, now);
    return isFree;
  }

  #take(bucket: Bucket, now: number): void {
    bucket.fullAt = Math.max(bucket.fullAt, now) + this.#intervalMs;
  }

  /** When there is a token in the bucket. */
  #nextTurn(bucket: Bucket): number {
    return bucket.fullAt - (this.#burst - 1) * this.#intervalMs;
  }

  async #waitIn(bucket: Bucket, signal: AbortSignal | undefined): Promise<void> {
    this.#waiting++;
    bucket.timer ??= this.#setTimer(bucket);
    try {
      await bucket.line.wait(signal);
    } finally {
      this.#waiting--;
      if (bucket.line.size === 0) bucket.stopTimer();
    }
  }

  #setTimer(bucket: Bucket): ArmedTimer {
    const dueAt = this.#nextTurn(bucket);
    return this.#clock.setTimer(dueAt - this.#clock.monotonic(), () => {
      // The timer counts as on time: the clock may still be a rounding error before it.
      this.#serve(bucket, Math.max(dueAt, this.#clock.monotonic()));
    });
  }

  #serve(bucket: Bucket, now: number): void {
    bucket.timer = undefined;
    while (bucket.line.size > 0 && this.#nextTurn(bucket) <= now) {
      this.#take(bucket, now);
      bucket.line.wakeOne();
    }
    if (bucket.line.size > 0) bucket.timer = this.#setTimer(bucket);
  }

  #refusal(): RateLimitError {
    return new RateLimitError(
      `Cannot wait for a turn: ${this.#maxWaiting} wait already, which is the limit`,
    );
  }
}

type ArmedTimer = ReturnType<TimerSource["setTimer"]>;

/** The tokens of a key, and those who wait for one. */
class Bucket {
  /** When all tokens are back, if none is taken until then. */
  fullAt = -Infinity;
  readonly line: WaitingLine<void> = new WaitingLine("RateLimiter");
  /** Ends with the next token, while somebody waits. */
  timer: ArmedTimer | undefined = undefined;

  stopTimer(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}

function checkLimit(name: string, rule: string, value: number, isMet: boolean): void {
  if (isMet) return;
  throw new RangeError(`Cannot make a rate limiter: ${name} must be ${rule}, got ${value}`);
}
