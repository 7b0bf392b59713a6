import { FairQueue } from "./fair_queue.ts";
import type { Flow } from "./flow.ts";
import { InputTimes } from "./input_times.ts";
import type { JobRequest } from "../job_request.ts";
import { RunTimes, SHORT_MS } from "./run_times.ts";

/** What a request is expected to be, which says what lane it may have. */
export const Kind = {
  /** It is known to be short. */
  SHORT: 0,
  /** Nobody knows: its submitter has not sent this job, and others' runs were not all short. */
  FRESH: 1,
  /** It is known to be long. */
  LONG: 2,
  /** It mostly waits, and shares a lane with others that do. */
  SHARED: 3,
} as const;

/** What any job costs, however short its run, in milliseconds: the way to the lane and back. */
const MIN_COST_MS = 0.002;

/** After so many runs without harm a job that has ended a lane is trusted again. */
const TRUSTED_RUNS = 64;

/** The requests that wait for the lanes of one scope: what they are, and whose turn it is. */
export class Backlog {
  readonly #queues: readonly FairQueue[] = Object.values(Kind).map((kind) => new FairQueue(kind));
  readonly #times = new RunTimes();
  readonly #inputs = new InputTimes();
  /** How many runs without harm a job has yet to make that has ended a lane; of most, nothing. */
  readonly #harmful = new Map<number, number>();
  #length = 0;
  #moves = 0;
  #expiresMs = Infinity;

  /** How many requests wait. */
  get length(): number {
    return this.#length;
  }

  /** How often a flow that waited for one kind of work came to wait for another. */
  get moves(): number {
    return this.#moves;
  }

  /** How many flows wait. */
  get flows(): number {
    return this.#queues.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many flows wait to start what is not known to be long. */
  get hopeful(): number {
    return this.#queues.reduce((sum, { size }, kind) => kind === Kind.LONG ? sum : sum + size, 0);
  }

  /** Since when the oldest request has waited, on the monotonic clock. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const flow of this.#flows()) {
      oldestMs = Math.min(oldestMs ?? Infinity, flow.first!.queuedMs);
    }
    return oldestMs;
  }

  /** Puts a request at the end of its flow. */
  push(request: JobRequest): void {
    const flow = this.#flowOf(request);
    flow.push(request);
    if (flow.length === 1) this.#join(flow);
    this.#counted(request);
  }

  /** Puts a request that had its turn already back to where it stood. */
  restore(request: JobRequest): void {
    const flow = this.#flowOf(request);
    if (request.isCharged) this.#queues[request.kind]!.correct(flow, -request.costMs);
    request.isCharged = false;
    // Another may be the first now, and of another kind.
    if (flow.first !== undefined) this.#queues[flow.kind]!.remove(flow);
    flow.restore(request);
    this.#join(flow);
    this.#counted(request);
  }

  /** Takes a request out. It must wait here. */
  remove(request: JobRequest): void {
    const flow = request.flow!;
    const wasFirst = flow.first === request;
    flow.remove(request);
    request.submitter.countQueued(-1);
    this.#length--;
    if (wasFirst) this.#firstChanged(flow);
  }

  /** The request of a kind whose turn it is: judged now, by all that was learned while it waited. */
  next(kind: number): JobRequest | undefined {
    const queue = this.#queues[kind]!;
    for (let flow = queue.next; flow !== undefined; flow = queue.next) {
      const request = flow.first!;
      if (this.judge(request) === kind) return request;
      this.#firstChanged(flow);
    }
    return undefined;
  }

  /**
   * The first of each flow that waits for one kind of work, in the order of their turns, as they were
   * judged last. The queue must not change meanwhile.
   */
  *firsts(kind: number): Generator<JobRequest> {
    for (const flow of this.#queues[kind]!) yield flow.first!;
  }

  /** Takes out a request that is the first of its flow, and counts the work that it is. */
  take(request: JobRequest): void {
    this.#queues[request.kind]!.charge(request.flow!, request.costMs);
    request.isCharged = true;
    this.remove(request);
  }

  /** Takes all requests out. */
  clear(): JobRequest[] {
    return this.#removeAll(() => true);
  }

  /** Takes out those that have waited longer than they may. */
  takeExpired(nowMs: number): JobRequest[] {
    if (nowMs < this.#expiresMs) return [];
    const expired = this.#removeAll((request) => nowMs >= request.expiresMs);
    this.#expiresMs = Infinity;
    for (const flow of this.#flows()) {
      for (let at = flow.first; at !== undefined; at = at.next) this.#expire(at);
    }
    return expired;
  }

  /**
   * Says what a request is expected to be: by its submitter's runs, and else by everybody's, if they
   * were all short, or by those on the same input. A job that ends lanes is long, however short: what
   * ends with its lane is more than what it takes.
   */
  judge(request: JobRequest): number {
    const { submitter, job: { index, share } } = request;
    const ownMs = submitter.expectedMs(index);
    if (share < 1) {
      request.costMs = MIN_COST_MS;
      return request.kind = Kind.SHARED;
    }
    const expectedMs = ownMs ?? this.#times.expectedMs(index);
    if (expectedMs !== undefined && expectedMs <= SHORT_MS) {
      const usualMs = submitter.usualMs(index) ?? this.#times.usualMs(index)!;
      request.costMs = Math.max(usualMs, MIN_COST_MS);
      const isHarmful = this.#harmful.size > 0 && this.#harmful.has(index);
      return request.kind = isHarmful ? Kind.LONG : Kind.SHORT;
    }
    return request.kind = ownMs === undefined
      ? this.#judgeFresh(request)
      : this.#long(request, ownMs);
  }

  #judgeFresh(request: JobRequest): number {
    const ms = this.#inputs.expectedMs(request);
    if (ms !== undefined && ms > SHORT_MS) return this.#long(request, ms);
    request.costMs = ms === undefined ? SHORT_MS : Math.max(ms, MIN_COST_MS);
    return ms === undefined ? Kind.FRESH : Kind.SHORT;
  }

  #long(request: JobRequest, ms: number): number {
    request.costMs = ms;
    return Kind.LONG;
  }

  /** Learns of a run that has taken so long, and has not ended. */
  learnSoFar(request: JobRequest, ms: number): void {
    this.#times.learn(request.job.index, ms);
    this.#inputs.learn(request, ms);
  }

  /** Learns that a job has ended its lane. */
  learnHarm(job: number): void {
    this.#harmful.set(job, TRUSTED_RUNS);
  }

  /**
   * Learns how long a run has held its lane, and counts the CPU time in the place of what was expected,
   * and `lostMs` of it for what others have to do because of the run.
   */
  settle(request: JobRequest, runMs: number, cpuMs: number, lostMs = 0): void {
    const { submitter, job: { index }, kind, costMs } = request;
    submitter.learn(index, runMs, cpuMs);
    this.#times.learn(index, runMs, cpuMs);
    if (kind === Kind.FRESH || kind === Kind.LONG) this.#inputs.learn(request, cpuMs);
    if (this.#harmful.size > 0) this.#learnHarmless(index);
    if (!request.isCharged) return;
    request.isCharged = false;
    if (kind === Kind.SHARED) return;
    this.#queues[kind]!.correct(request.flow!, Math.max(cpuMs, MIN_COST_MS) + lostMs - costMs);
  }

  #learnHarmless(job: number): void {
    const runs = this.#harmful.get(job);
    if (runs === undefined) return;
    if (runs > 1) this.#harmful.set(job, runs - 1);
    else this.#harmful.delete(job);
  }

  #flowOf(request: JobRequest): Flow {
    return request.flow ??= request.submitter.flow(this, request.rank);
  }

  /** Has a flow wait for the kind of work that its first request is now. */
  #firstChanged(flow: Flow): void {
    if (flow.first !== undefined && this.judge(flow.first) === flow.kind) return;
    this.#queues[flow.kind]!.remove(flow);
    if (flow.first === undefined) return;
    this.#join(flow);
    this.#moves++;
  }

  #counted(request: JobRequest): void {
    request.submitter.countQueued(1);
    this.#length++;
    this.#expire(request);
  }

  #join(flow: Flow): void {
    flow.kind = this.judge(flow.first!);
    this.#queues[flow.kind]!.add(flow);
  }

  #expire({ expiresMs }: JobRequest): void {
    if (expiresMs < this.#expiresMs) this.#expiresMs = expiresMs;
  }

  #removeAll(isMeant: (request: JobRequest) => boolean): JobRequest[] {
    const removed: JobRequest[] = [];
    for (const flow of [...this.#flows()]) {
      for (let request = flow.first; request !== undefined;) {
        const { next } = request;
        if (isMeant(request)) {
          this.remove(request);
          removed.push(request);
        }
        request = next;
      }
    }
    return removed;
  }

  *#flows(): Generator<Flow> {
    for (const queue of this.#queues) yield* queue;
  }
}
