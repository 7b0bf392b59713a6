import type { Clock } from "./clock.ts";
import type { KillReport, Thread, ThreadEnd } from "./threads.ts";

/** How long the threads of a machine may take. */
export interface ThreadLimits {
  /**
   * How long a kill may take before it counts as one that did not take, in milliseconds: a thousand
   * times what it takes as a rule, for a full machine tears threads down late.
   *
   * @default {5_000}
   */
  readonly killMs?: number;
}

/** How long a thread may take to start, in milliseconds: forty times what it takes as a rule. */
const START_MS = 20_000;

let lastId = 0;

/** What all kinds of thread have in common: messages kept until they are wanted, one end, one kill. */
export abstract class ThreadBase implements Thread {
  readonly id = ++lastId;
  readonly ended: Promise<ThreadEnd>;
  readonly #clock: Clock;
  readonly #killMs: number;
  readonly #end = Promise.withResolvers<ThreadEnd>();
  readonly #up = Promise.withResolvers<void>();
  #early: unknown[] | undefined = [];
  #receive: (message: unknown) => void = (message) => this.#early?.push(message);
  #report: Promise<KillReport> | undefined;
  #killed = false;

  constructor(clock: Clock, { killMs = 5_000 }: ThreadLimits) {
    this.#clock = clock;
    this.#killMs = killMs;
    this.ended = this.#end.promise;
    this.#up.promise.catch(() => {});
  }

  abstract readonly shared: SharedArrayBuffer | undefined;
  abstract residentMb(): number | undefined;
  abstract post(message: unknown, transfer?: readonly Transferable[]): void;

  /** Begins to kill the thread; `hasEnded` is called once it is dead. */
  protected abstract startKill(): void;

  /** Lets go of a thread that was killed and did not end. */
  protected abstract abandon(): void;

  onMessage(fn: (message: unknown) => void): void {
    this.#receive = fn;
    const early = this.#early ?? [];
    this.#early = undefined;
    early.forEach(fn);
  }

  kill(): Promise<KillReport> {
    return this.#report ??= this.#kill();
  }

  /** Resolves when the thread has said that it is up; rejects when it ended before, or was late. */
  async started(): Promise<this> {
    const late = this.#clock.setTimer(START_MS, () => {
      this.#up.reject(new Error(`Cannot start a thread: it did not listen within ${START_MS} ms`));
      void this.kill();
    });
    try {
      await this.#up.promise;
      return this;
    } finally {
      late.cancel();
    }
  }

  /** Takes a message of the thread. */
  protected received(message: unknown): void {
    if (message === "up") this.#up.resolve();
    else this.#receive(message);
  }

  /** Takes the news that the thread has ended. */
  protected hasEnded(end: ThreadEnd): void {
    this.#end.resolve(this.#killed && end.kind === "crashed" ? { kind: "killed" } : end);
    const reason = end.kind === "crashed" ? end.reason : end.kind;
    this.#up.reject(new Error(`Cannot start a thread: it ended before it listened: ${reason}`));
  }

  async #kill(): Promise<KillReport> {
    this.#killed = true;
    const asked = this.#clock.monotonic();
    const late = Promise.withResolvers<false>();
    const timer = this.#clock.setTimer(this.#killMs, () => late.resolve(false));
    this.startKill();
    const verified = await Promise.race([this.ended.then(() => true), late.promise]);
    timer.cancel();
    if (!verified) this.abandon();
    return { verified, ms: this.#clock.monotonic() - asked };
  }
}
