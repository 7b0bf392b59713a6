import type { LineFault } from "../net/mod.ts";
import { NetError } from "../env/mod.ts";
import type { LineReply, RpcError } from "../protocol/mod.ts";
import type { Cancelled } from "../switch/mod.ts";
import type { Expectation } from "./patience.ts";

/** What the server refuses in either way of speaking. */
export type Refusal = Extract<LineReply, { kind: "refusal" }> & RpcError;

/** Why a line is not read. */
export function unreadable({ kind, bytes }: LineFault, maxLineBytes: number): Refusal {
  if (kind === "invalid-utf-8") {
    return refusal("INVALID", `Cannot read a line of ${bytes} bytes: it is not UTF-8`);
  }
  const limit = `the limit is ${maxLineBytes} bytes`;
  return refusal("LINE_TOO_LONG", `Cannot read a line of ${bytes} bytes: ${limit}`);
}

/** Why a client that makes no sense is let go. */
export function tooManyFaults(limit: number): Refusal {
  const message = `Cannot go on: ${limit} lines could not be read, which is the limit`;
  return refusal("TOO_MANY_ERRORS", message);
}

/** What one is told who has not said who it is. */
export function unauthenticated(): Refusal {
  const remedy = 'send "AUTH token", or rpc.authenticate with {"token": "..."}';
  return refusal("UNAUTHENTICATED", `Cannot serve you: it is not known who you are; ${remedy}`);
}

/** Why a client that keeps the server waiting is let go. */
export function tooSlow(what: Expectation, limitMs: number): Refusal {
  return refusal("TIMED_OUT", `Cannot wait any longer: ${LATE[what]} within ${limitMs / 1000} s`);
}

const LATE = {
  line: "a line that was begun did not end",
  name: "you did not say who you are",
  request: "you asked for nothing",
} as const;

/** Why a client cannot say who it is at this moment. */
export function tooLateToSay(): Refusal {
  return refusal("INVALID", "Cannot authenticate: requests of yours are under way");
}

/** Why the connections of somebody end who may use the server no longer. */
export function revoked(): Refusal {
  return refusal("DENIED", "Cannot go on: you may not use this server any more");
}

/** The server's word: a sentence, and its code. */
export function refusal(code: Refusal["code"], message: string): Refusal {
  return { kind: "refusal", code, message };
}

/** Why a connection's jobs are stopped, in words: for the log, as no one is left to read a reply. */
export function whyCancelled({ cause, message }: Cancelled): string {
  if (!(cause instanceof NetError)) return Error.isError(cause) ? cause.message : message;
  return cause.code === "timed-out" ? "its client does not read its replies" : "its client left";
}
