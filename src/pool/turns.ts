import { type Backlog, Kind } from "./queue/backlog.ts";
import type { CoreLoans } from "./lanes/core_loans.ts";
import type { JobRequest } from "./job_request.ts";
import type { LaneChoice } from "./lanes/lane_choice.ts";
import type { PoolLane } from "./lanes/lane.ts";

/** How often a look is taken for whom a core is lent, in milliseconds. */
const LOANS_MS = 10;

const KINDS = Object.keys(Kind).length;

/** What {@linkcode Turns} need of their scope. */
export interface TurnsOwner {
  readonly lanes: ReadonlySet<PoolLane>;
  /** A request cannot be posted, for its input cannot be sent. */
  onUnsendable(request: JobRequest, error: unknown): void;
}

/** Posts the requests of one scope to its lanes: each in its turn, or before where a core is lent. */
export class Turns {
  readonly #owner: TurnsOwner;
  readonly #backlog: Backlog;
  readonly #choice: LaneChoice;
  readonly #loans: CoreLoans;
  /** The kind of work that is looked at first, so that where lanes are few all kinds have their turn. */
  #turn = 0;
  #nextLoansMs = 0;
  #isFlushing = false;

  constructor(owner: TurnsOwner, backlog: Backlog, choice: LaneChoice, loans: CoreLoans) {
    this.#owner = owner;
    this.#backlog = backlog;
    this.#choice = choice;
    this.#loans = loans;
  }

  /** Starts a request that has just come, if it can: while nobody waits there are no turns. */
  startAtOnce(request: JobRequest): boolean {
    this.#backlog.judge(request);
    const lane = this.#choice.laneFor(request, request.queuedMs);
    if (lane !== undefined) this.#post(lane, request, request.queuedMs);
    return lane !== undefined;
  }

  /** Starts what can be started, each in its turn. */
  startAll(nowMs: number): void {
    while (this.#backlog.length > 0 && this.#startNext(nowMs));
  }

  /**
   * Now and then, starts those to which a core is lent, whoever's turn it is; at once where they have
   * but waited for a lane.
   */
  startLent(nowMs: number): void {
    if (nowMs < this.#nextLoansMs && this.#loans.unmet === 0) return;
    this.#nextLoansMs = nowMs + LOANS_MS;
    const due = this.#loans.due(nowMs);
    this.#loans.unmet = due.length;
    for (const request of due) {
      const lane = this.#choice.laneToHold(request, nowMs);
      if (lane === undefined) return;
      this.#loans.unmet--;
      // Another may have begun a run that it shares.
      if (request.place === "queued") this.#start(lane, request, nowMs);
    }
  }

  #startNext(nowMs: number): boolean {
    const { moves } = this.#backlog;
    for (let i = 0; i < KINDS; i++) {
      const kind = (this.#turn + i) % KINDS;
      if (!this.#startOf(kind, nowMs)) continue;
      this.#turn = kind + 1;
      return true;
    }
    // What was judged anew may now start after all.
    return this.#backlog.moves !== moves;
  }

  #startOf(kind: number, nowMs: number): boolean {
    const request = this.#backlog.next(kind);
    if (request === undefined) return false;
    const lane = this.#choice.laneFor(request, nowMs);
    if (lane === undefined) return false;
    this.#start(lane, request, nowMs);
    return true;
  }

  #start(lane: PoolLane, request: JobRequest, nowMs: number): void {
    this.#backlog.take(request);
    this.#post(lane, request, nowMs);
  }

  #post(lane: PoolLane, request: JobRequest, nowMs: number): void {
    const run = request.shared?.begin(request) ?? request;
    run.isLong = run.kind === Kind.LONG;
    try {
      lane.post(run, nowMs);
    } catch (error) {
      this.#owner.onUnsendable(run, error);
      return;
    }
    this.#flushSoon();
  }

  /** Wakes the lanes once for all that is posted in this turn of the event loop. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      for (const lane of this.#owner.lanes) lane.flush();
    });
  }
}
