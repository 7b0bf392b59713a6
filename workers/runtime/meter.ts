import process from "node:process";
import type { RunFigures } from "../../src/pool/link/mod.ts";
import type { MemoryWatch } from "./memory_watch.ts";

/** A run that takes longer is long, in milliseconds: it is always measured. */
const LONG_MS = 2;

/**
 * A shorter one is measured if it took so many times what is usual, and so many milliseconds: it may
 * have been kept from its core, and who asked for it shall not pay for that.
 */
const ODD_TIMES = 3;
const ODD_MS = 0.25;

/** How much of the usual a run changes. */
const SHARE = 1 / 8;

/**
 * After so much work in runs that are not measured, or so many of them, the CPU time is read anew: it
 * takes 20 us, too much for each. What is put down to a run is wrong by a part of this at most.
 */
const WINDOW_MS = 5;
const WINDOW_RUNS = 256;

/** What the lane itself uses between two runs when it is woken for each, in milliseconds. */
const BETWEEN_MS = 0.02;

// Taken before any job's code is here, which could put another in its place.
const { threadCpuUsage } = process;

/**
 * Measures the runs that are long, or oddly so. That one is, is known at its end only: of the CPU
 * time since the last reading it gets what the runs in between cannot have used.
 */
export class Meter {
  readonly #memory: MemoryWatch;
  /** How long a run of each job takes as a rule. */
  readonly #usualMs: number[] = [];
  #job = 0;
  /** The CPU time when it was read last; and what has run since then. */
  #cpuMs = 0;
  #sinceMs = 0;
  #runs = Infinity;

  constructor(memory: MemoryWatch) {
    this.#memory = memory;
  }

  /** A run of a job begins. */
  begin(job: number): void {
    this.#memory.begin();
    this.#job = job;
    if (this.#sinceMs > WINDOW_MS || this.#runs > WINDOW_RUNS) this.#read();
  }

  /** A run begins that others run beside: of it nothing is measured but the memory of all. */
  enter(): void {
    this.#memory.begin();
  }

  /** Such a run has ended. */
  leave(): void {
    this.#memory.end();
    this.#runs = Infinity;
  }

  /** The run has ended. Returns what was measured of it. */
  end(ms: number): RunFigures | undefined {
    this.#memory.end();
    const isOdd = this.#isOdd(ms);
    if (ms > LONG_MS) return { heapPeakMb: this.#memory.peakMb(), cpuMs: this.#cpuOf(ms) };
    if (isOdd) return { cpuMs: this.#cpuOf(ms) };
    this.#sinceMs += ms;
    this.#runs++;
    return undefined;
  }

  /** Whether a run took much longer than is usual, which it changes by no more than if it were twice that. */
  #isOdd(ms: number): boolean {
    const usualMs = this.#usualMs[this.#job] ?? ms;
    this.#usualMs[this.#job] = usualMs + (Math.min(ms, usualMs * 2) - usualMs) * SHARE;
    return ms > ODD_MS && ms > usualMs * ODD_TIMES;
  }

  #cpuOf(ms: number): number {
    const othersMs = this.#sinceMs + this.#runs * BETWEEN_MS;
    return Math.min(Math.max(this.#read() - othersMs, 0), ms);
  }

  /** The CPU time of this thread since it was read last. */
  #read(): number {
    const { user, system } = threadCpuUsage();
    const beforeMs = this.#cpuMs;
    this.#cpuMs = (user + system) / 1_000;
    this.#sinceMs = this.#runs = 0;
    return this.#cpuMs - beforeMs;
  }
}
