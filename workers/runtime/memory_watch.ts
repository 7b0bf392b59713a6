import { clearInterval, setInterval } from "node:timers";
import { getHeapStatistics } from "node:v8";
import type { MemoryKind } from "../../src/pool/link/mod.ts";
import { wasmBytes } from "./wasm_memories.ts";

/** How often memory is looked at while jobs run, in milliseconds. */
const PERIOD_MS = 50;

/** A lane that keeps more than this share of its limit when it is idle is to be replaced. */
const SOFT_SHARE = 0.5;

const MIB = 2 ** 20;

/** What V8 lets gather of array buffers that nobody needs before it collects them. */
const GARBAGE = 64 * MIB;

/** What a {@linkcode MemoryWatch} tells. */
export interface MemoryEvents {
  /** The event loop turns; so much memory is in use, as far as is known. */
  seen(usedMb: number): void;
  /** A kind of memory has gone over its limit while a job ran. */
  exceeded(memory: MemoryKind): void;
  /** The thread is idle, and keeps so many MiB: more than half of its limit. */
  heavy(keptMb: number): void;
}

/**
 * Looks at this thread's memory while jobs run, and once more when they have ended. It sees code
 * that lets the event loop turn; what allocates without a pause is seen when it has ended, or from
 * outside.
 *
 * V8 bounds the heap by itself; but it may be silent about it: it ends the code that runs, and the
 * thread lives on, unless that code was started by a macrotask. V8 raises the limit a little when
 * it is reached; seen from inside, it grows. Array buffers and WebAssembly have no limit but this.
 */
export class MemoryWatch {
  readonly #events: MemoryEvents;
  readonly #heapLimit = getHeapStatistics().heap_size_limit;
  #limit = this.#heapLimit;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running = 0;
  #wasUsed = false;
  #peak = 0;
  #overBefore: MemoryKind | undefined;

  constructor(events: MemoryEvents) {
    this.#events = events;
  }

  /** Sets the limit of what V8 does not bound, for each kind of memory. */
  set limitMb(limitMb: number) {
    this.#limit = limitMb * MIB;
  }

  /** A job begins. */
  begin(): void {
    this.#running++;
    this.#wasUsed = true;
    this.#peak = 0;
    this.#timer ??= setInterval(() => this.#look(), PERIOD_MS);
  }

  /** A job has ended. The timer goes on for a period: jobs often come one after the other. */
  end(): void {
    this.#running--;
  }

  /** The most of the heap that was seen in use since the job began, in MiB. */
  peakMb(): number {
    return Math.max(this.#peak, getHeapStatistics().used_heap_size) / MIB;
  }

  #look(): void {
    const heap = getHeapStatistics();
    this.#peak = Math.max(this.#peak, heap.used_heap_size);
    this.#events.seen((heap.total_heap_size + heap.external_memory + wasmBytes()) / MIB);
    const over = this.#overLimit(heap);
    if (this.#running > 0) this.#tellExceeded(over);
    else if (!this.#wasUsed) this.#idle(heap);
    this.#wasUsed = false;
  }

  #overLimit({ heap_size_limit, external_memory }: HeapStatistics): MemoryKind | undefined {
    if (heap_size_limit > this.#heapLimit) return "heap";
    if (external_memory > this.#limit + GARBAGE) return "buffers";
    return wasmBytes() > this.#limit ? "wasm" : undefined;
  }

  /** A full heap is told at once; other memory when it is seen twice, for V8 may just be about to collect it. */
  #tellExceeded(over: MemoryKind | undefined): void {
    if (over !== undefined && (over === "heap" || over === this.#overBefore)) {
      this.#events.exceeded(over);
    }
    this.#overBefore = over;
  }

  #idle({ used_heap_size, external_memory }: HeapStatistics): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const kept = Math.max(used_heap_size, external_memory - GARBAGE, wasmBytes());
    if (kept > this.#limit * SOFT_SHARE) this.#events.heavy(kept / MIB);
  }
}

type HeapStatistics = ReturnType<typeof getHeapStatistics>;
