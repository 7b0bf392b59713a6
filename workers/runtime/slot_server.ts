import { setImmediate } from "node:timers";
import { type Slots, State } from "../../src/pool/link/mod.ts";

/** How long jobs that never wait may keep a lane from reading its messages, in milliseconds. */
const TURN_MS = 10;

/** How long the end of a job may be kept back while quick ones follow it, in milliseconds. */
const UNTOLD_MS = 0.2;

/**
 * For so long after a job the thread blocks until the next is there, in milliseconds: jobs often
 * come one after the other, and to wake a blocked thread costs a third. Then its event loop turns.
 */
const BLOCK_MS = 5;

/** What a {@linkcode SlotServer} works for. */
export interface SlotHost {
  /** Runs the job in a slot that began then. Returns when it ended, or a promise if it has to wait. */
  runSlot(seq: number, startedMs: number): number | Promise<void>;
  /** Whether the job in a slot lets others run beside it. */
  isShared(seq: number): boolean;
  /** Whether no run is under way. */
  isIdle(): boolean;
}

/** Runs the jobs that are posted in shared memory, in their order, and rings when they have ended. */
export class SlotServer {
  readonly #slots: Slots;
  readonly #host: SlotHost;
  /** The time, as it was last looked at, and when the event loop last had a turn. */
  #nowMs = performance.now();
  #turnMs = this.#nowMs;
  /** Since when the pool has not been told of an end. */
  #untoldMs = Infinity;
  #mayBlock = false;

  constructor(slots: Slots, host: SlotHost) {
    this.#slots = slots;
    this.#host = host;
  }

  /** Runs jobs for ever. */
  async serve(): Promise<never> {
    for (let seq = 0;;) {
      const { rings } = this.#slots.laneBell;
      const state = this.#slots.state(seq);
      const waiting = state === State.POSTED
        ? this.#start(seq++)
        : state === State.WITHDRAWN
        ? this.#pass(seq++)
        : this.#rest(rings);
      if (waiting !== undefined) await waiting;
    }
  }

  /** Starts a job, if it is not taken back right now. A promise only where the next has to wait. */
  #start(seq: number): Promise<void> | undefined {
    if (!this.#slots.isQuick(seq) || this.#nowMs - this.#untoldMs > UNTOLD_MS) this.#tell();
    if (!this.#slots.start(seq)) return this.#pass(seq);
    const ended = this.#host.runSlot(seq, this.#nowMs);
    this.#mayBlock = true;
    if (typeof ended !== "number") return this.#wait(ended, this.#host.isShared(seq));
    this.#nowMs = ended;
    if (this.#untoldMs === Infinity) this.#untoldMs = ended;
    return ended - this.#turnMs < TURN_MS ? undefined : this.#turn();
  }

  /** Goes past a job that was taken back. */
  #pass(seq: number): undefined {
    this.#slots.pass(seq);
    if (this.#untoldMs === Infinity) this.#untoldMs = this.#nowMs;
  }

  async #wait(ended: Promise<void>, isShared: boolean): Promise<void> {
    this.#tell();
    if (!isShared) await ended;
    this.#hasTurned();
  }

  async #turn(): Promise<void> {
    this.#tell();
    await new Promise((resume) => setImmediate(resume));
    this.#hasTurned();
  }

  /** Waits for the next ring: blocked for a while, if nothing else can happen in this thread. */
  #rest(rings: number): Promise<void> | undefined {
    this.#tell();
    const { laneBell } = this.#slots;
    const mayBlock = this.#mayBlock && this.#host.isIdle();
    this.#mayBlock = false;
    if (!mayBlock || !laneBell.blockUntilRung(rings, BLOCK_MS)) return this.#sleep(rings);
    this.#nowMs = performance.now();
    return undefined;
  }

  async #sleep(rings: number): Promise<void> {
    await this.#slots.laneBell.rung(rings);
    this.#hasTurned();
  }

  #hasTurned(): void {
    this.#turnMs = this.#nowMs = performance.now();
  }

  /** Tells the pool of what it has not been told, before anything that may take long. */
  #tell(): void {
    if (this.#untoldMs === Infinity) return;
    this.#untoldMs = Infinity;
    if (this.#slots.poolBell.ring()) this.#nowMs = performance.now();
  }
}
