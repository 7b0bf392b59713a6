import type { Clock, KillReport, Thread, ThreadEnd } from "../../env/mod.ts";
import type { Job } from "../jobs/catalogue.ts";
import type { JobRequest } from "../job_request.ts";
import { type Ended, type LaneLink, linkTo } from "./lane_link.ts";
import type { FromLane, JobCode, ToLane } from "../link/mod.ts";
import type { LaneEnd } from "../stats/stats.ts";
import { Kind } from "../queue/backlog.ts";
import { SHORT_MS } from "../queue/run_times.ts";

/**
 * A job that is expected to take no longer is quick, in milliseconds: the ends of those before it can
 * wait for its own, so that this side is woken once for all of them.
 */
const QUICK_MS = 0.05;

/** Less than the least share of a lane that a job may take. */
const LEAST_SHARE = 1e-6;

/**
 * For how long a job that was expected to be short may run before it counts as long, in milliseconds:
 * some turns of the operating system.
 */
const PATIENT_MS = 8;

/** What a lane tells its owner. */
export interface LaneEvents {
  /** A job has ended by itself. Called for each, before `onIdle`. */
  onEnded(lane: PoolLane, request: JobRequest, ended: Ended): void;
  /** There is room for jobs. */
  onRoom(lane: PoolLane): void;
  /** Any other message. */
  onMessage(lane: PoolLane, message: FromLane): void;
}

/**
 * A thread that runs jobs, seen from the pool: what was posted to it, and in what order. It runs one
 * at a time, or several that share it while they wait.
 */
export class PoolLane {
  readonly id: number;
  readonly ended: Promise<ThreadEnd>;

  /** When the job that runs began, on the monotonic clock. */
  startedMs = 0;

  /** How much work is with it, as far as can be expected, in milliseconds. */
  aheadMs = 0;

  /** The job that was posted to it last. */
  lastJob: Job | undefined;

  /** Set once no more jobs may be posted: it is to be killed, or has ended. */
  isClosed = false;

  /** Set when it shall be replaced once it is idle; and why, for the stats. */
  isRetiring = false;
  endsAs: LaneEnd = "retired";

  /** When it was ready, and since when it has had work without a break, on the monotonic clock. */
  bornMs = 0;
  busySinceMs = 0;

  readonly #thread: Thread;
  readonly #clock: Clock;
  readonly #link: LaneLink;
  readonly #events: LaneEvents;
  readonly #requests: (JobRequest | undefined)[];
  #isAsked = false;
  #head = 0;
  #tail = 0;
  /** How many between these have been taken back, or have ended before those posted earlier. */
  #gone = 0;
  #load = 0;

  constructor(thread: Thread, clock: Clock, events: LaneEvents) {
    this.id = thread.id;
    this.ended = thread.ended;
    this.#thread = thread;
    this.#clock = clock;
    this.#events = events;
    this.#link = linkTo(thread, clock, () => this.takeEnds());
    this.#requests = new Array(this.#link.depth).fill(undefined);
    thread.onMessage((message) => this.#received(message as FromLane));
  }

  /** Whether jobs may be posted behind the one that runs. */
  get takesAhead(): boolean {
    if (this.isRetiring || this.#isAsked || this.isShared || !this.#link.canWithdraw) return false;
    return this.outstanding < this.#link.depth;
  }

  /** Whether several jobs share it, or one that lets others in. */
  get isShared(): boolean {
    return this.#load > 0;
  }

  /** Whether a job that takes this share of a lane fits beside those that share it. */
  hasShare(share: number): boolean {
    if (!this.isShared || this.isRetiring || this.outstanding === this.#link.depth) return false;
    return this.#load + share < 1 + share / 2;
  }

  /** The memory that it uses, in MiB, where it is a process of which that can be told. */
  get residentMb(): number | undefined {
    return this.#thread.residentMb();
  }

  /** How often it has said that its event loop turns. */
  get beats(): number {
    return this.#link.beats;
  }

  /** How much memory it knew of when it last said so, in MiB. */
  get heardMb(): number {
    return this.#link.heardMb;
  }

  /** How many jobs were ever posted to it. */
  get taken(): number {
    return this.#tail;
  }

  /** How many jobs it has that have not ended. */
  get outstanding(): number {
    return this.#tail - this.#head;
  }

  /** How many jobs wait behind the one that runs. */
  get behind(): number {
    return this.isShared ? 0 : Math.max(this.outstanding - this.#gone - 1, 0);
  }

  /** The job that runs. */
  get running(): JobRequest | undefined {
    return this.#head === this.#tail ? undefined : this.#at(this.#head);
  }

  /** The jobs that run, or as good as do: one, or all that share the lane. */
  get runs(): readonly JobRequest[] {
    if (this.isShared) return this.#left();
    return this.running === undefined ? [] : [this.running];
  }

  /** Whether a job has really begun: on a full machine a lane may have to wait. */
  hasBegun({ seq }: JobRequest): boolean {
    return this.#link.isStarted(seq);
  }

  /** When a job that runs began, on the monotonic clock. */
  startOf(request: JobRequest): number {
    return this.isShared ? request.postedMs : this.startedMs;
  }

  /** Takes note that a job has not begun before now. */
  beginsLate(request: JobRequest, nowMs: number): void {
    if (this.isShared) request.postedMs = nowMs;
    else this.startedMs = nowMs;
  }

  /** Whether its job waits for this side, and needs no core. */
  get isWaiting(): boolean {
    return this.running?.talk?.isWaiting ?? false;
  }

  /** The request whose job has this number, if it has not ended. */
  requestOf(seq: number): JobRequest | undefined {
    return seq >= this.#head && seq < this.#tail ? this.#at(seq) : undefined;
  }

  /** Whether nobody should wait for its job to end: it has run for long, or is expected to. */
  isLate(nowMs: number): boolean {
    return this.#runsFor(SHORT_MS, nowMs);
  }

  /**
   * Whether its job does not count as a short one any more. One that was expected to be short has some
   * patience more: it may just be kept from its core, and then one lane more would keep others so.
   */
  isLong(nowMs: number): boolean {
    return this.#runsFor(this.running?.kind === Kind.SHORT ? PATIENT_MS : SHORT_MS, nowMs);
  }

  /** Has it load these job files; it tells of each, and then that it is ready. */
  load(code: JobCode, memoryMb: number): void {
    this.tell({ type: "load", ...code, memoryMb });
  }

  /** Sends a message, and hands the listed buffers over. */
  tell(message: ToLane, transfer?: readonly Transferable[]): void {
    this.#thread.post(message, transfer);
  }

  /** Posts a job. There must be room. Throws, and does nothing, where its input cannot be sent. */
  post(request: JobRequest, nowMs: number): void {
    const seq = this.#tail;
    this.#link.post(seq, request.job.index, request.input, request.costMs <= QUICK_MS);
    if (this.outstanding === 0) {
      this.startedMs = this.busySinceMs = nowMs;
      this.#isAsked = false;
    }
    this.#tail++;
    this.#requests[seq % this.#link.depth] = request;
    this.aheadMs += request.costMs;
    if (request.job.share < 1) this.#load += request.job.share;
    this.lastJob = request.job;
    request.place = "posted";
    request.lane = this;
    request.seq = seq;
    request.postedMs = nowMs;
  }

  /** Wakes the thread for what was posted. */
  flush(): void {
    this.#link.flush();
  }

  /** Takes a job back, if it was not started. */
  withdraw(request: JobRequest): boolean {
    if (!this.#link.withdraw(request.seq)) return false;
    this.#leave(request);
    this.#gone++;
    request.lane = undefined;
    return true;
  }

  /** Takes back all the jobs that were not started, in their order. */
  withdrawAll(): JobRequest[] {
    const taken: JobRequest[] = [];
    for (let seq = this.#head; seq < this.#tail; seq++) {
      const request = this.#at(seq);
      if (request !== undefined && this.withdraw(request)) taken.push(request);
    }
    return taken;
  }

  /**
   * Asks the job that runs to stop. Until the lane is empty nothing is posted behind: if the job ends
   * just as the lane is killed for it, the next must not have begun there.
   */
  ask(request: JobRequest): void {
    this.#isAsked = true;
    this.#link.ask(request.seq);
  }

  /** Kills the thread, and sees that it is dead. */
  kill(): Promise<KillReport> {
    this.isClosed = true;
    return this.#thread.kill();
  }

  /** Takes the ends of jobs that have ended. */
  takeEnds(): void {
    if (this.#head === this.#tail) return;
    const nowMs = this.#clock.monotonic();
    let took = this.isShared && this.#takeSharedEnds(nowMs);
    while (this.#head < this.#tail && this.#takeEnd(nowMs)) took = true;
    if (took && !this.isClosed) this.#events.onRoom(this);
  }

  /** Lets go of a thread that has ended. Returns the jobs that died with it. */
  close(): readonly JobRequest[] {
    this.isClosed = true;
    this.takeEnds();
    this.#link.close();
    const lost = this.#left();
    this.#head = this.#tail;
    return lost;
  }

  #runsFor(ms: number, nowMs: number): boolean {
    const { running } = this;
    if (running === undefined || this.isShared) return false;
    return running.isLong || (nowMs - this.startedMs > ms && this.hasBegun(running));
  }

  #at(seq: number): JobRequest | undefined {
    return this.#requests[seq % this.#link.depth];
  }

  /** The jobs that have neither ended nor been taken back. */
  #left(): JobRequest[] {
    const left: JobRequest[] = [];
    for (let seq = this.#head; seq < this.#tail; seq++) {
      const request = this.#at(seq);
      if (request !== undefined) left.push(request);
    }
    return left;
  }

  #leave({ seq, job: { share }, costMs }: JobRequest): void {
    this.#requests[seq % this.#link.depth] = undefined;
    this.aheadMs -= costMs;
    if (share === 1) return;
    this.#load -= share;
    // What is left of sums of fractions is no load.
    if (this.#load < LEAST_SHARE) this.#load = 0;
  }

  /** Jobs that share the lane end in any order. */
  #takeSharedEnds(nowMs: number): boolean {
    let took = false;
    for (let seq = this.#head + 1; seq < this.#tail; seq++) {
      const request = this.#at(seq);
      const ended = request && this.#link.takeEnd(seq);
      if (ended === undefined) continue;
      this.#leave(request!);
      this.#gone++;
      this.startedMs = nowMs;
      took = true;
      this.#events.onEnded(this, request!, ended);
    }
    return took;
  }

  /** Goes past the job at the head, if it has ended or was taken back. */
  #takeEnd(nowMs: number): boolean {
    const request = this.#at(this.#head);
    if (request === undefined) {
      if (!this.#link.hasPassed(this.#head)) return false;
      this.#gone--;
      this.#head++;
      return true;
    }
    const ended = this.#link.takeEnd(this.#head);
    if (ended === undefined) return false;
    this.#leave(request);
    this.#head++;
    if (this.outstanding === 0) this.aheadMs = 0;
    this.startedMs = nowMs;
    this.#events.onEnded(this, request, ended);
    return true;
  }

  #received(message: FromLane): void {
    if (message.type === "end") this.#link.received(message);
    else this.#events.onMessage(this, message);
  }
}
