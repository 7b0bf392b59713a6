import type { ScopeSpec, Warden } from "../../env/mod.ts";
import type { Cores } from "./cores.ts";
import type { PoolLane } from "./lane.ts";
import { LaneStarter, type StarterOwner } from "./lane_starter.ts";
import type { JobCode } from "../link/mod.ts";
import type { LaneEnd } from "../stats/stats.ts";

/** How many lanes a scope keeps, and for how long. */
export interface LaneLimits {
  /** Kept ready while the scope is used. */
  readonly warm: number;
  /** How many of these are beyond the cores. */
  readonly spares: number;
  /** Kept ready when it has not been used for long. */
  readonly cold: number;
  /** At most, when long jobs hold the warm ones. */
  readonly max: number;
  /** How many jobs a lane runs before it is replaced. */
  readonly maxJobs: number;
  /** How long a lane is there before it is replaced, in milliseconds. */
  readonly maxAgeMs: number;
}

/** How long a lane beyond those to be kept may be idle before it is given back, in milliseconds. */
const IDLE_MS = 10_000;

/** How long a scope may be unused before it keeps but its cold lanes, in milliseconds. */
const UNUSED_MS = 300_000;

/** What a {@linkcode LaneKeeper} needs, and whom it tells. */
export interface KeeperOwner
  extends Omit<StarterOwner, "kill" | "onOutdated" | "onRetry" | "onAsideOver"> {
  readonly cores: Cores;
  /** A lane is to end. */
  kill(lane: PoolLane, why?: LaneEnd): void;
  /** A lane is to end when it has nothing to run: takes back what can be moved. */
  onRetiring(lane: PoolLane): void;
}

/** The lanes of a scope: starts them, as many as are needed, and gives back or replaces them. */
export class LaneKeeper {
  readonly lanes: ReadonlySet<PoolLane>;
  /** When a lane was killed last, or died, on the monotonic clock. */
  lostMs = -Infinity;

  readonly #lanes = new Set<PoolLane>();
  readonly #owner: KeeperOwner;
  readonly #limits: LaneLimits;
  readonly #starter: LaneStarter;
  /** The lanes that are replaced, one by one, once another is there to take their place. */
  readonly #worn = new Set<PoolLane>();
  /** Resolves with the first lane that is ready. */
  readonly #first = Promise.withResolvers<void>();
  #usedMs: number;
  #isCold = false;

  constructor(warden: Warden, owner: KeeperOwner, limits: LaneLimits) {
    this.lanes = this.#lanes;
    this.#owner = owner;
    this.#limits = limits;
    this.#usedMs = owner.clock.monotonic();
    this.#starter = new LaneStarter(warden, {
      clock: owner.clock,
      log: owner.log,
      onEnded: (lane, request, ended) => owner.onEnded(lane, request, ended),
      onMessage: (lane, message) => owner.onMessage(lane, message),
      onRoom: (lane) => owner.onRoom(lane),
      onReady: (lane) => this.#add(lane),
      onOutdated: (lane) => this.#discard(lane),
      kill: (lane) => owner.kill(lane),
      onRetry: () => this.#retry(),
      onLoadFailed: (index, reason) => owner.onLoadFailed(index, reason),
      onAsideOver: () => void this.renew(this.#starter.code),
    });
  }

  /** What the lanes may do. */
  get spec(): ScopeSpec {
    return this.#starter.warden.spec;
  }

  /** How many lanes are being started. */
  get starting(): number {
    return this.#starter.starting;
  }

  /** Says what the lanes load. Until then those that are started wait for it. */
  setCode(code: JobCode): void {
    this.#starter.code = code;
  }

  /**
   * Has new lanes load this code, and retires those that have other code once one is up. False: none
   * could load it, and all is as it was.
   */
  async renew(code: JobCode): Promise<boolean> {
    const before = this.#starter.code;
    const old = [...this.#lanes];
    this.#starter.code = code;
    const count = Math.max(this.#kept, 1);
    await Promise.all(Array.from({ length: count }, () => this.#starter.start()));
    const isUp = [...this.#lanes].some((lane) => !old.includes(lane));
    if (!isUp) this.#starter.code = before;
    else for (const lane of old) if (this.#lanes.has(lane)) this.retire(lane);
    return isUp;
  }

  /**
   * Starts the lanes to be kept. Resolves when all that could be started are ready, or with the first
   * of them.
   */
  async warmUp(waitFor: "all" | "first" = "all"): Promise<void> {
    const missing = this.#kept - this.#lanes.size - this.starting;
    const starts = Array.from({ length: Math.max(missing, 0) }, () => this.#starter.start());
    const first = waitFor === "first" ? [this.#first.promise] : [];
    await Promise.race([...first, Promise.all(starts)]);
  }

  /** Takes note that the scope is used. One that was not for long gets its warm lanes again. */
  used(nowMs: number): void {
    this.#usedMs = nowMs;
    if (!this.#isCold) return;
    this.#isCold = false;
    void this.warmUp();
  }

  /**
   * Starts a lane more when so many `waiting` submitters need one: when jobs that are long, or that
   * wait, hold all but the one that is kept for what is known to be short.
   */
  grow(waiting: number, nowMs: number): void {
    if (this.starting >= Math.min(waiting, this.#owner.cores.total)) return;
    if (this.#lanes.size + this.starting >= this.#limits.max) return;
    let idle = 0;
    for (const lane of this.#lanes) {
      if (lane.outstanding === 0) idle++;
      else if (!lane.isShared && !lane.isLong(nowMs) && !lane.isWaiting) return;
    }
    if (idle < 2) void this.#starter.start();
  }

  /** Starts another in the place of one that is gone. */
  replace(): void {
    this.lostMs = this.#owner.clock.monotonic();
    if (this.#lanes.size + this.starting < this.#kept) void this.#starter.start();
  }

  /** Lets a lane finish what runs there, and then replaces it. */
  retire(lane: PoolLane, why: LaneEnd = "retired"): void {
    lane.isRetiring = true;
    lane.endsAs = why;
    this.#owner.onRetiring(lane);
    this.endIfRetired(lane);
  }

  /** Ends a lane that is to be replaced, if nothing runs there. */
  endIfRetired(lane: PoolLane): void {
    if (lane.isRetiring && lane.running === undefined) this.#owner.kill(lane, lane.endsAs);
  }

  /** Replaces a lane that has run all the jobs that it may: first the new one, then the old. */
  renewIfWorn(lane: PoolLane, nowMs: number): void {
    const { maxJobs, maxAgeMs } = this.#limits;
    if (lane.taken >= maxJobs || nowMs - lane.bornMs >= maxAgeMs) this.replaceLater(lane, "aged");
  }

  /**
   * Lets a lane go on until another is there to take its place: however often that is asked for, no
   * lane is missing meanwhile, and one at a time is started.
   */
  replaceLater(lane: PoolLane, why: LaneEnd = "retired"): void {
    if (lane.isRetiring || this.#worn.has(lane)) return;
    lane.endsAs = why;
    this.#worn.add(lane);
    if (this.#worn.size === 1) void this.#starter.start();
  }

  /** Has another warden start the lanes from now on. Those that are there finish what runs. */
  moveTo(warden: Warden): void {
    this.#starter.warden = warden;
    for (const lane of [...this.#lanes]) this.retire(lane);
    void this.warmUp();
  }

  /** Replaces the lanes that are worn, and gives back those that have been idle for long. */
  trim(nowMs: number): void {
    if (nowMs - this.#usedMs >= UNUSED_MS) this.#isCold = true;
    for (const lane of [...this.#lanes]) {
      this.renewIfWorn(lane, nowMs);
      if (this.#lanes.size <= this.#kept) continue;
      if (lane.outstanding > 0 || nowMs - lane.startedMs < IDLE_MS) continue;
      this.#owner.kill(lane, "idle");
    }
  }

  /** When lanes are to be trimmed next. */
  nextTrimMs(nowMs: number): number {
    const { maxAgeMs, cold } = this.#limits;
    const mayCool = !this.#isCold && cold < this.#kept;
    let dueMs = mayCool ? this.#usedMs + UNUSED_MS : Infinity;
    for (const { outstanding, startedMs, bornMs } of this.#lanes) {
      // One that is old already waits for its turn.
      dueMs = Math.min(dueMs, bornMs + maxAgeMs > nowMs ? bornMs + maxAgeMs : nowMs + IDLE_MS);
      if (this.#lanes.size <= this.#kept) continue;
      dueMs = Math.min(dueMs, (outstanding > 0 ? nowMs : startedMs) + IDLE_MS);
    }
    return dueMs;
  }

  /** Lets go of a lane that has ended, or is about to. */
  forget(lane: PoolLane): void {
    this.#lanes.delete(lane);
    this.#owner.cores.delete(lane);
    this.#worn.delete(lane);
  }

  /** Starts no more lanes. */
  close(): void {
    this.#starter.close();
  }

  get #kept(): number {
    return this.#isCold ? this.#limits.cold : this.#limits.warm;
  }

  #add(lane: PoolLane): void {
    lane.startedMs = lane.bornMs = this.#owner.clock.monotonic();
    this.#lanes.add(lane);
    this.#first.resolve();
    this.#owner.cores.add(lane);
    this.#retireWorn();
    this.#owner.onReady(lane);
  }

  /** Where there is one lane more than are kept, it takes the place of one that is worn. */
  #retireWorn(): void {
    const [worn] = this.#worn;
    if (worn === undefined || this.#lanes.size <= this.#kept) return;
    this.#worn.delete(worn);
    this.retire(worn, worn.endsAs);
    if (this.#worn.size > 0) void this.#starter.start();
  }

  #retry(): void {
    if (this.#worn.size > 0) void this.#starter.start();
    void this.warmUp();
  }

  /** The scope has moved, or has other code, since the lane was started. */
  #discard(lane: PoolLane): void {
    this.#owner.kill(lane, "retired");
    this.replace();
  }
}
