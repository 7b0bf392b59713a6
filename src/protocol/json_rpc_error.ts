import type { RefusalCode } from "./reply.ts";

/** Why a JSON-RPC request has no result: the word that stands in `data.code`. */
export type RpcErrorCode =
  | RefusalCode
  /** The line is no JSON. */
  | "PARSE_ERROR"
  /** The JSON is no request. */
  | "INVALID_REQUEST"
  /** The server itself failed. */
  | "INTERNAL"
  /** The job threw. */
  | "FAILED";

/**
 * The number of each word: the specification's own below -32600, LSP's -32800 for what the client
 * cancelled, ours from -32000 down, and 1, an application's, for what a job throws.
 */
export const RPC_ERROR_NUMBERS: Readonly<Record<RpcErrorCode, number>> = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  UNKNOWN_JOB: -32601,
  INVALID: -32602,
  INTERNAL: -32603,
  CANCELLED: -32800,
  BUSY: -32001,
  DRAINING: -32002,
  DEADLINE: -32003,
  KILLED: -32004,
  OUT_OF_MEMORY: -32005,
  CRASHED: -32006,
  DENIED: -32007,
  LINE_TOO_LONG: -32008,
  RESPONSE_TOO_LONG: -32009,
  TOO_MANY_ERRORS: -32010,
  UNAUTHENTICATED: -32011,
  TIMED_OUT: -32012,
  FAILED: 1,
};

/** The messages that the specification gives; ours is then `data.reason`. */
const STANDARD_MESSAGES: { readonly [C in RpcErrorCode]?: string } = {
  PARSE_ERROR: "Parse error",
  INVALID_REQUEST: "Invalid Request",
  UNKNOWN_JOB: "Method not found",
};

/** Why a request has no result. */
export interface RpcError {
  /** The word for it. */
  readonly code: RpcErrorCode;
  /** A sentence for people. */
  readonly message: string;
  /** What else a program may want to know: how long it ran, how it was stopped. */
  readonly figures?: Readonly<Record<string, string | number | boolean>>;
}

/** The `error` member of a response of JSON-RPC 2.0, as JSON. */
export function formatRpcError({ code, message, figures }: RpcError): string {
  const standard = STANDARD_MESSAGES[code];
  const reason = standard === undefined ? {} : { reason: message };
  return JSON.stringify({
    code: RPC_ERROR_NUMBERS[code],
    message: standard ?? message,
    data: { code, ...reason, ...figures },
  });
}

/** The `error` member of a response of JSON-RPC 1.0, as JSON: a string, as its clients expect. */
export function formatRpcErrorText({ code, message }: RpcError): string {
  return JSON.stringify(code === "FAILED" ? message : `${message} [${code}]`);
}
