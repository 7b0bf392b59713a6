import { type Address, type Clock, formatAddress, type Log } from "../env/mod.ts";
import type { Outcome } from "../pool/mod.ts";
import { describeStop, replyTo } from "./outcome_reply.ts";

/** So many lines a second are written for each way to end: more are no help, and cost everybody. */
const MOST_A_SECOND = 100;

const SECOND_MS = 1000;

/** What {@linkcode OutcomeLog} works with. */
export interface OutcomeLogOptions {
  readonly log: Log;
  readonly clock: Pick<Clock, "monotonic">;
}

/**
 * Writes the lines about jobs that were not done: what became of each, why, and after how long. Of a
 * flood it tells how many there were: a client must not fill the log, nor have the others wait for
 * its being written.
 */
export class OutcomeLog {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #written = new Map<Outcome["kind"], { sinceMs: number; count: number }>();

  constructor({ log, clock }: OutcomeLogOptions) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Tells of a job's end. */
  write(remote: Address, job: string, outcome: Outcome): void {
    const { kind, queueMs, runMs, lane } = outcome;
    if (kind === "done" || !this.#hasRoom(kind)) return;
    const stop = "stop" in outcome
      ? { how: outcome.stop.how, stopMs: Math.round(outcome.stop.ms) }
      : {};
    this.#log[levelOf(kind)](`job ${kind}: ${reasonOf(outcome)}`, {
      ...{ remote: formatAddress(remote), job, lane },
      ...{ queueMs: Math.round(queueMs), runMs: Math.round(runMs) },
      ...stop,
    });
  }

  /** Counts a line, and says of a second that is over how many were not written. */
  #hasRoom(kind: Outcome["kind"]): boolean {
    const nowMs = this.#clock.monotonic();
    const second = this.#written.get(kind);
    if (second !== undefined && nowMs - second.sinceMs < SECOND_MS) {
      return ++second.count <= MOST_A_SECOND;
    }
    const left = (second?.count ?? 0) - MOST_A_SECOND;
    if (left > 0) {
      this.#log[levelOf(kind)](`job ${kind}: more of them are not told`, { count: left });
    }
    this.#written.set(kind, { sinceMs: nowMs, count: 1 });
    return true;
  }
}

/** What is a client's own doing is for information. */
function levelOf(kind: Outcome["kind"]): "info" | "warn" {
  return kind === "failed" || kind === "invalid" || kind === "cancelled" ? "info" : "warn";
}

function reasonOf(outcome: Outcome): string {
  if (outcome.kind === "cancelled" || outcome.kind === "killed") return describeStop(outcome.stop);
  const reply = replyTo(outcome);
  return "message" in reply ? reply.message : "";
}
