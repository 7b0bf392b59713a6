import type { PoolLane } from "./lane.ts";

/** How often a lane that runs long is looked at from outside, in milliseconds. */
export const LOOK_MS = 250;

/** What a process takes before it has loaded a job, in MiB. */
const PROCESS_MB = 128;

/** What V8 lets gather of array buffers that nobody needs before it collects them, and a little. In MiB. */
const GARBAGE_MB = 96;

/** The lanes of one permission set, and the memory limit of each. */
export interface GuardedScope {
  readonly lanes: Iterable<PoolLane>;
  readonly spec: { readonly memoryMb: number };
}

/** What a lane of this process is suspected of. */
interface Suspicion {
  /** How much memory has appeared, while it was silent, that nobody has accounted for. In MiB. */
  grownMb: number;
  looks: number;
}

/**
 * Looks from outside at lanes that run code which never waits: nothing inside of them can look.
 *
 * A process tells its memory. The lanes of this process have no memory apart: what the process has
 * gained and nobody accounts for is put down to those that are silent, and the likeliest of them is
 * told when it is more than one lane may have. Those that are not silent watch themselves.
 */
export class MemoryGuard {
  readonly #processMb: () => number;
  readonly #exceeded: (lane: PoolLane) => void;
  #suspicions = new Map<PoolLane, Suspicion>();
  #beats = new WeakMap<PoolLane, number>();
  #unexplainedMb: number | undefined;
  #lookedMs = -Infinity;

  /**
   * `processMb` is the memory of this process less what its own code uses; `exceeded` is told of a
   * lane that has too much.
   */
  constructor(processMb: () => number, exceeded: (lane: PoolLane) => void) {
    this.#processMb = processMb;
    this.#exceeded = exceeded;
  }

  /** Looks at all lanes. Call it every {@linkcode LOOK_MS} while one runs long. */
  look(scopes: Iterable<GuardedScope>, nowMs: number): void {
    if (nowMs - this.#lookedMs > 2 * LOOK_MS) this.#unexplainedMb = undefined;
    this.#lookedMs = nowMs;
    const silent = new Map<PoolLane, number>();
    let explainedMb = 0;
    for (const { lanes, spec: { memoryMb } } of scopes) {
      for (const lane of lanes) {
        const ownMb = lane.residentMb;
        if (ownMb !== undefined) this.#lookAtProcess(lane, ownMb, memoryMb);
        else if (this.#isSilent(lane, nowMs)) silent.set(lane, memoryMb);
        else explainedMb += lane.heardMb;
      }
    }
    this.#suspect(silent, this.#growthMb(explainedMb));
  }

  #lookAtProcess(lane: PoolLane, ownMb: number, memoryMb: number): void {
    if (ownMb > PROCESS_MB + mostMb(memoryMb)) this.#exceeded(lane);
  }

  /** Whether a lane has not turned its event loop since the last look, in which it ran one job. */
  #isSilent(lane: PoolLane, nowMs: number): boolean {
    const { beats } = lane;
    const isSame = this.#beats.get(lane) === beats;
    this.#beats.set(lane, beats);
    return isSame && lane.running !== undefined && nowMs - lane.startedMs >= LOOK_MS;
  }

  #growthMb(explainedMb: number): number {
    const unexplainedMb = this.#processMb() - explainedMb;
    const grownMb = unexplainedMb - (this.#unexplainedMb ?? unexplainedMb);
    this.#unexplainedMb = unexplainedMb;
    return grownMb;
  }

  #suspect(silent: ReadonlyMap<PoolLane, number>, grownMb: number): void {
    const suspicions = new Map<PoolLane, Suspicion>();
    let likeliest: PoolLane | undefined;
    for (const lane of silent.keys()) {
      const suspicion = this.#suspicions.get(lane) ?? { grownMb: 0, looks: 0 };
      suspicion.grownMb = Math.max(suspicion.grownMb + grownMb, 0);
      suspicion.looks++;
      suspicions.set(lane, suspicion);
      if (likeliest === undefined || rate(suspicion) >= rate(suspicions.get(likeliest)!)) {
        likeliest = lane;
      }
    }
    this.#suspicions = suspicions;
    if (likeliest === undefined) return;
    if (suspicions.get(likeliest)!.grownMb <= mostMb(silent.get(likeliest)!)) return;
    // One at a time: with it goes the growth that the others were suspected of.
    this.#suspicions = new Map();
    this.#exceeded(likeliest);
  }
}

/** What a lane may take in all: a full heap, and as much again beside it. */
function mostMb(limitMb: number): number {
  return 2 * limitMb + GARBAGE_MB;
}

function rate({ grownMb, looks }: Suspicion): number {
  return grownMb / looks;
}
