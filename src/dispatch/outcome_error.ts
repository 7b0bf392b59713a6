import type { Outcome } from "../pool/mod.ts";
import type { RpcError, RpcErrorCode } from "../protocol/mod.ts";
import { replyTo } from "./outcome_reply.ts";

/**
 * Why a job has no result, for a program. `byClient`: its own client has cancelled it, and is told
 * that by the one code that it waits for, however the job was stopped.
 */
export function errorOf(outcome: Outcome, byClient: boolean): RpcError {
  const reply = replyTo(outcome);
  const isStopped = outcome.kind === "cancelled" || outcome.kind === "killed";
  const code: RpcErrorCode = byClient && isStopped
    ? "CANCELLED"
    : reply.kind === "refusal"
    ? reply.code
    : "FAILED";
  const message = "message" in reply ? reply.message : "";
  return { code, message, figures: figuresOf(outcome) };
}

type Figures = NonNullable<RpcError["figures"]>;

function figuresOf(outcome: Outcome): Figures {
  const { kind, queueMs, runMs, cpuMs, heapPeakMb, lane } = outcome;
  return {
    outcome: kind,
    ...("error" in outcome ? { name: outcome.error.name } : {}),
    queueMs: toMicros(queueMs),
    runMs: toMicros(runMs),
    ...(cpuMs === undefined ? {} : { cpuMs: toMicros(cpuMs) }),
    ...(heapPeakMb === undefined ? {} : { heapPeakMb }),
    lane,
    ...("stop" in outcome ? { how: outcome.stop.how, stopMs: toMicros(outcome.stop.ms) } : {}),
  };
}

/** Milliseconds down to the microsecond: what is behind it is noise. */
function toMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
