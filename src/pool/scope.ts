import type { Clock, KillReport, Log, ScopeSpec, ThreadEnd, Timer, Warden } from "../env/mod.ts";
import type { Cores } from "./cores.ts";
import type { JobRequest } from "./job_request.ts";
import { type LaneEvents, PoolLane } from "./lane.ts";
import { type JobFile, SLOTS_BYTES } from "./link/mod.ts";
import { RequestQueue } from "./request_queue.ts";
import type { LaneEnd } from "./stats.ts";
import { SHORT_MS, TINY_MS } from "./submitter.ts";

/** What a scope needs of the pool that it is part of. */
export interface ScopeOwner extends Omit<LaneEvents, "onRoom"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: Cores;
  /** A lane has ended; `lost` is the job that died with it. */
  onLost(lane: PoolLane, lost: JobRequest | undefined, end: ThreadEnd): void;
  /** A lane is to end: the reason is for the stats, `killed` if none is given. */
  kill(lane: PoolLane, why?: LaneEnd): void;
  /** A request cannot be posted, for its input cannot be sent. */
  onUnsendable(request: JobRequest, error: unknown): void;
}

/** How many lanes a scope keeps. */
export interface LaneCounts {
  /** Kept ready all the time. */
  readonly warm: number;
  /** At most, when long jobs hold the warm ones. */
  readonly max: number;
}

/** How many tiny jobs are posted ahead to one lane before another is woken. */
const PACKED = 8;

/** How many tiny jobs are posted ahead to one lane at most. */
const AHEAD = 32;

/** The same for short ones: the next is there when one ends, and no lane waits for the pool. */
const SHORT_AHEAD = 2;

/** How long a lane beyond the warm ones may be idle before it is given back, in milliseconds. */
export const IDLE_MS = 10_000;

/** How long a lane may take to load its job files, in milliseconds. */
export const LOAD_MS = 10_000;

/** The pause before a lane is started again after its start failed, and the longest. In milliseconds. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;

/** The lanes of one permission set, and the requests that wait for them. */
export class Scope {
  readonly spec: ScopeSpec;
  readonly #owner: ScopeOwner;
  readonly #warden: Warden;
  readonly #counts: LaneCounts;
  readonly #lanes = new Set<PoolLane>();
  readonly #files = Promise.withResolvers<readonly JobFile[]>();
  /** Requests that are expected to be short, and those that are not: the long ones wait apart. */
  readonly #short = new RequestQueue();
  readonly #long = new RequestQueue();
  #starting = 0;
  #isClosed = false;
  #isFlushing = false;
  #restart: Timer | undefined;
  #restartMs = RESTART_MS;

  constructor(warden: Warden, owner: ScopeOwner, counts: LaneCounts) {
    this.spec = warden.spec;
    this.#warden = warden;
    this.#owner = owner;
    this.#counts = counts;
  }

  /** How many requests wait. */
  get queued(): number {
    return this.#short.length + this.#long.length;
  }

  /** Since when the oldest request has waited, on the monotonic clock. */
  get oldestMs(): number | undefined {
    const times = [this.#short, this.#long].flatMap(({ first }) => first ? [first.queuedMs] : []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  get lanes(): ReadonlySet<PoolLane> {
    return this.#lanes;
  }

  /** How many lanes are being started. */
  get starting(): number {
    return this.#starting;
  }

  /** How many lanes it has beyond the warm ones. */
  get surplus(): number {
    return Math.max(this.#lanes.size - this.#counts.warm, 0);
  }

  /** Says which job files its lanes load. Until then those that are started wait for it. */
  setFiles(files: readonly JobFile[]): void {
    this.#files.resolve(files);
  }

  /** Starts the warm lanes. Resolves when all that could be started are ready. */
  async warmUp(): Promise<void> {
    const missing = this.#counts.warm - this.#lanes.size - this.#starting;
    await Promise.all(Array.from({ length: Math.max(missing, 0) }, () => this.#startLane()));
  }

  /** Queues a request, and starts it if it can. */
  enqueue(request: JobRequest): void {
    request.isLong = this.#isExpectedLong(request);
    request.queue = request.isLong ? this.#long : this.#short;
    request.queue.push(request);
    request.place = "queued";
    this.dispatch();
  }

  /** Takes a request out of the queue. */
  remove(request: JobRequest): void {
    request.queue!.remove(request);
  }

  /** Takes all requests out of the queue. */
  clear(): JobRequest[] {
    const all: JobRequest[] = [];
    for (const queue of [this.#short, this.#long]) {
      for (let request = queue.first; request !== undefined; request = queue.first) {
        queue.remove(request);
        all.push(request);
      }
    }
    return all;
  }

  /** Starts what can be started, in the order of arrival. */
  dispatch(): void {
    if (this.#isClosed) return;
    const nowMs = this.#owner.clock.monotonic();
    while (this.#dispatchOldest(nowMs));
    if (this.queued > 0) this.#grow(nowMs);
  }

  /** Takes back what waits behind a job that runs long, so that another lane can have it. */
  relieve(nowMs: number): void {
    for (const lane of this.#lanes) {
      if (lane.behind > 0 && lane.isLong(nowMs)) this.#requeue(lane.withdrawAll());
    }
    if (this.queued > 0) this.dispatch();
  }

  /**
   * Kills a lane. What had not been started there is moved, and a spare takes its place at once; a
   * new spare is started.
   */
  kill(lane: PoolLane): Promise<KillReport> {
    this.#forget(lane);
    const report = lane.kill();
    this.#requeue(lane.withdrawAll());
    this.#replace();
    this.dispatch();
    return report;
  }

  /** Lets a lane finish what runs there, and then replaces it. */
  retire(lane: PoolLane): void {
    lane.isRetiring = true;
    this.#requeue(lane.withdrawAll());
    if (lane.running === undefined) this.#owner.kill(lane, "retired");
    else this.dispatch();
  }

  /** Gives back the lanes beyond the warm ones that have been idle for long. */
  trim(nowMs: number): void {
    for (const lane of this.#lanes) {
      if (this.#lanes.size <= this.#counts.warm) return;
      if (lane.outstanding > 0 || nowMs - lane.startedMs < IDLE_MS) continue;
      this.#owner.kill(lane, "idle");
    }
  }

  /** Starts no more lanes. Those that run are killed by their warden. */
  close(): void {
    this.#isClosed = true;
    this.#restart?.cancel();
  }

  #isExpectedLong({ submitter, job }: JobRequest): boolean {
    return (submitter.expectedMs(job.index) ?? 0) > SHORT_MS;
  }

  #requeue(requests: readonly JobRequest[]): void {
    for (const request of requests.toReversed()) {
      request.place = "queued";
      request.queue!.unshift(request);
    }
  }

  /** The older of the two that are first goes first; the other only where that one cannot. */
  #dispatchOldest(nowMs: number): boolean {
    const isLongOlder = queuedMs(this.#long) < queuedMs(this.#short);
    const [older, younger] = isLongOlder ? [this.#long, this.#short] : [this.#short, this.#long];
    return this.#dispatchFrom(older, nowMs) || this.#dispatchFrom(younger, nowMs);
  }

  #dispatchFrom(queue: RequestQueue, nowMs: number): boolean {
    const request = queue.first;
    if (request === undefined) return false;
    const lane = queue === this.#long
      ? this.#laneForLong(nowMs)
      : this.#laneForShort(request, nowMs);
    if (lane === undefined) return false;
    queue.remove(request);
    try {
      lane.post(request, nowMs);
    } catch (error) {
      this.#owner.onUnsendable(request, error);
      return true;
    }
    this.#flushSoon();
    return true;
  }

  #laneForLong(nowMs: number): PoolLane | undefined {
    return this.#owner.cores.hasRoomForLong(nowMs) ? this.#idleLane() : undefined;
  }

  #laneForShort({ submitter, job }: JobRequest, nowMs: number): PoolLane | undefined {
    const expectedMs = submitter.expectedMs(job.index);
    const isTiny = expectedMs !== undefined && expectedMs < TINY_MS;
    const packed = isTiny ? this.#laneWithLess(PACKED, nowMs) : undefined;
    if (packed !== undefined) return packed;
    if (this.#owner.cores.hasRoom(nowMs)) {
      const idle = this.#idleLane();
      if (idle !== undefined) return idle;
    }
    if (expectedMs === undefined) return undefined;
    return this.#laneWithLess(isTiny ? AHEAD : SHORT_AHEAD, nowMs);
  }

  #idleLane(): PoolLane | undefined {
    for (const lane of this.#lanes) if (lane.outstanding === 0 && !lane.isRetiring) return lane;
    return undefined;
  }

  /** A busy lane that makes progress and has less than so many jobs. */
  #laneWithLess(limit: number, nowMs: number): PoolLane | undefined {
    for (const lane of this.#lanes) {
      const { outstanding } = lane;
      if (outstanding === 0 || outstanding >= Math.min(limit, lane.depth)) continue;
      if (!lane.isRetiring && !lane.isLong(nowMs)) return lane;
    }
    return undefined;
  }

  /** Wakes the lanes once for all that is posted in this turn. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      for (const lane of this.#lanes) lane.flush();
    });
  }

  /** Starts a lane more when all are held by long jobs and a short one waits. */
  #grow(nowMs: number): void {
    const waiting = this.#short.length;
    if (this.#starting >= Math.min(waiting, this.#owner.cores.total)) return;
    if (this.#lanes.size + this.#starting >= this.#counts.max) return;
    for (const lane of this.#lanes) if (!lane.isLong(nowMs)) return;
    void this.#startLane();
  }

  #replace(): void {
    if (this.#lanes.size + this.#starting < this.#counts.warm) void this.#startLane();
  }

  /** Starts a lane; where that fails, says so and tries again after a pause. Never rejects. */
  async #startLane(): Promise<void> {
    // While a restart is waited for, a start would only fail once more.
    if (this.#isClosed || this.#restart !== undefined) return;
    this.#starting++;
    try {
      const lane = await this.#openLane();
      if (lane.isClosed) throw killedEarly();
      this.#restartMs = RESTART_MS;
      this.#add(lane);
    } catch (error) {
      if (!this.#isClosed) this.#startFailed(error);
    } finally {
      this.#starting--;
    }
    this.dispatch();
  }

  async #openLane(): Promise<PoolLane> {
    const { clock } = this.#owner;
    const thread = await this.#warden.start(SLOTS_BYTES);
    const files = await this.#files.promise;
    const ready = Promise.withResolvers<void>();
    const lane: PoolLane = new PoolLane(thread, clock, {
      onEnded: (lane, request, ended) => this.#owner.onEnded(lane, request, ended),
      onRoom: (lane) => this.#onRoom(lane),
      onMessage: (lane, message) => {
        if (message.type === "ready") return ready.resolve();
        this.#owner.onMessage(lane, message);
        if (lane.isClosed) ready.reject(killedEarly());
      },
    });
    const late = clock.setTimer(LOAD_MS, () => {
      this.#owner.kill(lane);
      ready.reject(new Error(`it did not load the job files within ${LOAD_MS / 1000} s`));
    });
    lane.load(files, this.spec.memoryMb);
    const ended = lane.ended.then((end) => {
      throw new Error(`it ended while it loaded the job files: ${describeEnd(end)}`);
    });
    try {
      await Promise.race([ready.promise, ended]);
    } catch (error) {
      lane.close();
      throw error;
    } finally {
      late.cancel();
      ended.catch(() => {});
    }
    return lane;
  }

  #add(lane: PoolLane): void {
    lane.startedMs = this.#owner.clock.monotonic();
    this.#lanes.add(lane);
    this.#owner.cores.add(lane);
    void lane.ended.then((end) => this.#hasEnded(lane, end));
  }

  #forget(lane: PoolLane): void {
    this.#lanes.delete(lane);
    this.#owner.cores.delete(lane);
  }

  /** A lane has died by itself. One that was killed has been forgotten before. */
  #hasEnded(lane: PoolLane, end: ThreadEnd): void {
    if (!this.#lanes.has(lane)) return;
    this.#forget(lane);
    this.#requeue(lane.withdrawAll());
    this.#owner.onLost(lane, lane.close(), end);
    this.#replace();
    this.dispatch();
  }

  #onRoom(lane: PoolLane): void {
    if (lane.isRetiring && lane.running === undefined) this.#owner.kill(lane, "retired");
    else if (this.queued > 0) this.dispatch();
  }

  /** Tries again after a pause: once for all that failed together, and longer each time. */
  #startFailed(error: unknown): void {
    const { clock, log } = this.#owner;
    log.error("Cannot start a lane", { scope: this.spec.name, error, retryMs: this.#restartMs });
    if (this.#restart !== undefined) return;
    this.#restart = clock.setTimer(this.#restartMs, () => {
      this.#restart = undefined;
      this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS);
      void this.warmUp();
    });
  }
}

function queuedMs({ first }: RequestQueue): number {
  return first?.queuedMs ?? Infinity;
}

/** Why a lane has not become one of the scope's. Its kill may have failed, so its end is not waited for. */
function killedEarly(): Error {
  return new Error("it was killed while it loaded the job files");
}

/** An end of a thread, in words. */
export function describeEnd(end: ThreadEnd): string {
  return end.kind === "crashed" ? end.reason : end.kind;
}
