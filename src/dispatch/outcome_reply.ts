import type { ErrorRecord, Outcome, Stop } from "../pool/mod.ts";
import type { LineReply, RefusalCode } from "../protocol/mod.ts";

/** What a client is told of how its job ended. */
export function replyTo(outcome: Outcome): LineReply {
  switch (outcome.kind) {
    case "done":
      return { kind: "result", text: String(outcome.result) };
    case "failed":
      return { kind: "error", message: messageOf(outcome.error) };
    case "invalid":
      return refusal("INVALID", `Cannot run the job on this input: ${messageOf(outcome.error)}`);
    case "cancelled":
      return refusal("CANCELLED", `The job was cancelled, as ${describeStop(outcome.stop)}`);
    case "killed":
      return refusal("KILLED", `The job was killed, as ${describeStop(outcome.stop)}`);
    case "deadline":
      return refusal(
        "DEADLINE",
        `The job was stopped, as it ran longer than its deadline of ${outcome.deadlineMs} ms; it ${
          describeHow(outcome.stop)
        }`,
      );
    case "out-of-memory":
      return refusal(
        "OUT_OF_MEMORY",
        `The job was stopped, as it used more than its ${outcome.memoryMb} MiB of ${
          MEMORY[outcome.memory]
        }`,
      );
    case "crashed":
      return refusal("CRASHED", `The job's lane died under it: ${oneLine(outcome.reason)}`);
    case "refused":
      return refusal(outcome.code, outcome.reason);
  }
}

/** The kinds of memory, in words. */
const MEMORY = {
  heap: "heap",
  buffers: "array buffers",
  wasm: "WebAssembly memory",
  all: "heap, and as much again",
} as const;

/** How a job was stopped, in words: `its client left; it was killed after 106 ms`. */
export function describeStop(stop: Stop): string {
  return `${stop.why}; it ${describeHow(stop)}`;
}

function describeHow({ how, ms, verified }: Stop): string {
  const after = `after ${Math.max(Math.round(ms), 1)} ms`;
  if (how === "never-started") return "had not started";
  if (how === "left") return "shared a run that goes on for others";
  if (how === "asked") return `stopped when asked, ${after}`;
  return verified ? `was killed ${after}` : `was killed, but had not ended ${after}`;
}

function refusal(code: RefusalCode, message: string): LineReply {
  return { kind: "refusal", code, message };
}

function messageOf({ name, message }: ErrorRecord): string {
  return message || name;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
