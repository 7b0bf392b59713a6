import type { Clock, KillReport, Log } from "../../env/mod.ts";
import type { PoolLane } from "./lane.ts";
import type { Scope } from "../scope.ts";

/**
 * What is done about a lane that was killed and did not end: `processes` moves its scope to
 * processes, whose kills always take; `drain` asks that the server be restarted; `log` only says so.
 */
export type OnStuck = "processes" | "drain" | "log";

/** Options for {@linkcode StuckLanes}. */
export interface StuckOptions {
  /**
   * What is done about a lane that was killed and did not end, as in a native call that V8 cannot
   * interrupt: `processes` has what runs with its permissions run in processes from then on, whose
   * kills always take; `drain` asks that the program be restarted; `log` only says so. Either way
   * it is logged as an error and counted, and another lane takes its place.
   *
   * @default {"processes"}
   */
  readonly onStuck?: OnStuck;

  /**
   * How many lanes may be stuck at once before the pool asks that the program be restarted, except
   * where `onStuck` is `log`: each may burn a core.
   *
   * @default {4}
   */
  readonly maxStuck?: number;

  /**
   * Called once when the pool asks that the program be restarted, with the reason in words. The pool
   * goes on as it can.
   */
  readonly onUnfit?: (why: string) => void;
}

/** The lanes that were killed and have not ended, and what is done about them. */
export class StuckLanes {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #options: StuckOptions;
  readonly #move: (scope: Scope) => boolean;
  readonly #lanes = new Set<PoolLane>();
  #total = 0;
  #isUnfit = false;

  /** `move` moves a scope to processes; false: it cannot. */
  constructor(
    { clock, log }: { readonly clock: Clock; readonly log: Log },
    options: StuckOptions,
    move: (scope: Scope) => boolean,
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
    this.#move = move;
  }

  /** How many are stuck now. */
  get now(): number {
    return this.#lanes.size;
  }

  /** How many kills were not seen to take. */
  get total(): number {
    return this.#total;
  }

  /** Takes a lane whose kill did not take. */
  add(lane: PoolLane, scope: Scope | undefined, { ms }: KillReport): void {
    this.#total++;
    this.#log.error("A lane was killed and did not end: its thread may burn a core until it does", {
      lane: lane.id,
      job: lane.running?.job.name,
      waitedMs: Math.round(ms),
    });
    this.#watch(lane);
    this.#act(scope);
  }

  /** It may end after all: late, or when its native call returns. */
  #watch(lane: PoolLane): void {
    this.#lanes.add(lane);
    const sinceMs = this.#clock.monotonic();
    void lane.ended.then(() => {
      this.#lanes.delete(lane);
      const afterMs = Math.round(this.#clock.monotonic() - sinceMs);
      this.#log.info("A lane that did not end when it was killed has ended", {
        lane: lane.id,
        afterMs,
      });
    });
  }

  #act(scope: Scope | undefined): void {
    const { onStuck = "processes", maxStuck = 4 } = this.#options;
    if (onStuck === "processes" && scope !== undefined) this.#moveToProcesses(scope);
    if (onStuck === "drain") this.#askForRestart("it has a lane that cannot be killed");
    else if (onStuck === "processes" && this.now > maxStuck) {
      this.#askForRestart(`lanes that cannot be killed: ${this.now}, and the limit is ${maxStuck}`);
    }
  }

  #moveToProcesses(scope: Scope): void {
    const { name, isolation } = scope.spec;
    if (isolation === "process") return;
    if (this.#move(scope)) {
      this.#log.warn("What runs in a scope with a stuck lane runs in processes from now on", {
        scope: name,
      });
    } else {
      this.#log.error("Cannot move a scope with a stuck lane to processes: there are none here", {
        scope: name,
      });
    }
  }

  #askForRestart(why: string): void {
    if (this.#isUnfit) return;
    this.#isUnfit = true;
    this.#options.onUnfit?.(why);
  }
}
