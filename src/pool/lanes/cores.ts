import { Kind } from "../queue/backlog.ts";
import type { PoolLane } from "./lane.ts";

/** The cores of the machine, which the lanes of all scopes share. */
export class Cores {
  /** How many jobs run at full share. */
  total: number;
  /** Whether several scopes wait for one, as far as was seen last. */
  isContended = false;
  readonly #lanes = new Set<PoolLane>();

  constructor(total: number) {
    this.total = total;
  }

  /** The lanes that use them. */
  get lanes(): ReadonlySet<PoolLane> {
    return this.#lanes;
  }

  add(lane: PoolLane): void {
    this.#lanes.add(lane);
  }

  delete(lane: PoolLane): void {
    this.#lanes.delete(lane);
  }

  /**
   * Whether one more short job may start: one for each core. A job that runs long does not count:
   * it goes on, at the operating system's mercy, and does not keep a short one waiting. Nor do jobs
   * that share a lane, or one that waits for the server or its submitter: they hold no core.
   */
  hasRoom(nowMs: number): boolean {
    const isShort = (lane: PoolLane) =>
      lane.outstanding > 0 && !lane.isShared && !lane.isLong(nowMs) && !lane.isWaiting;
    return this.#count(isShort) < this.total;
  }

  /**
   * The same for a job that is known to be short: those that may yet turn out long do not count, for
   * on a full machine it takes them long to begin.
   */
  hasRoomForShort(nowMs: number): boolean {
    const isShort = (lane: PoolLane) =>
      lane.running?.kind === Kind.SHORT && !lane.isLong(nowMs) && !lane.isWaiting;
    return this.#count(isShort) < this.total;
  }

  /** Whether one more job may start that is expected to run long: one for each core, too. */
  hasRoomForLong(nowMs: number): boolean {
    return this.#count((lane) => lane.isLong(nowMs) && !lane.isWaiting) < this.total;
  }

  /** Whether as many lanes as there are cores have short work posted that takes longer than `ms`. */
  hasWorkFor(ms: number): boolean {
    return this.#count((lane) => lane.aheadMs > ms && lane.behind > 0) >= this.total;
  }

  #count(counts: (lane: PoolLane) => boolean): number {
    let count = 0;
    for (const lane of this.#lanes) if (counts(lane)) count++;
    return count;
  }
}
