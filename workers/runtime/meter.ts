import process from "node:process";
import type { RunFigures } from "../../src/pool/link/mod.ts";
import type { MemoryWatch } from "./memory_watch.ts";

/**
 * Up to this a run is not measured, in milliseconds: that would cost more than it tells. The pool
 * takes longer ones for long, unless it is told that they had a core for less.
 */
const LONG_MS = 2;

// Taken before any job's code is here, which could put another in its place.
const { threadCpuUsage } = process;

/**
 * Measures the runs that are long. Which will be is guessed from the last run of the same job, for
 * the CPU time must be read at the start too; the first run of a job is always measured.
 */
export class Meter {
  readonly #memory: MemoryWatch;
  readonly #isShort: boolean[] = [];
  #job = 0;
  #cpuMicros: number | undefined;

  constructor(memory: MemoryWatch) {
    this.#memory = memory;
  }

  /** A run of a job begins. */
  begin(job: number): void {
    this.#memory.begin();
    this.#job = job;
    this.#cpuMicros = this.#isShort[job] === true ? undefined : cpuMicros();
  }

  /** A run begins that others run beside: of it nothing is measured but the memory of all. */
  enter(): void {
    this.#memory.begin();
  }

  /** Such a run has ended. */
  leave(): void {
    this.#memory.end();
  }

  /** The run has ended. Returns what was measured of it, if it was long. */
  end(ms: number): RunFigures | undefined {
    this.#memory.end();
    if (ms <= LONG_MS) {
      if (this.#cpuMicros !== undefined) this.#isShort[this.#job] = true;
      return undefined;
    }
    this.#isShort[this.#job] = false;
    const heapPeakMb = this.#memory.peakMb();
    if (this.#cpuMicros === undefined) return { heapPeakMb };
    return { heapPeakMb, cpuMs: (cpuMicros() - this.#cpuMicros) / 1000 };
  }
}

/** The CPU time of this thread. */
function cpuMicros(): number {
  const { user, system } = threadCpuUsage();
  return user + system;
}
