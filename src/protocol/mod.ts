/**
 * Words: what clients and the server say to each other, as values. Pure: no clock, no socket, no
 * permission; a line comes in as a string, a reply goes out as one.
 *
 * Laws: every line is exactly one {@linkcode Command}, and no line makes the parser throw. `parse`
 * and `format` are each other's inverse. A reply has no more lines than its kind says, whatever
 * text a job put into it.
 *
 * @module
 */

export { formatCommand, isJobName, parseCommand } from "./command.ts";
export type {
  Command,
  CommandOptions,
  Dialects,
  Misunderstanding,
  Request,
  RpcLine,
} from "./command.ts";
export { foreignProtocol, isTlsHello } from "./foreign.ts";
export type { ForeignProtocol } from "./foreign.ts";
export { helpLines, jobHelpLines, jobsLines, statsLines } from "./help.ts";
export type { JobInfo, Stats } from "./help.ts";
export { isImmediate, isLast, replyAtOnce } from "./immediate.ts";
export type { ImmediateCommand } from "./immediate.ts";
export { isInteger, parseInteger } from "./integer.ts";
export { formatRpcRequest, isRpcLine, parseRpc } from "./json_rpc.ts";
export type { RpcFault, RpcMessage, RpcOptions, RpcRequest, RpcVersion } from "./json_rpc.ts";
export { parseRpcCancel, type RpcCancel } from "./json_rpc_cancel.ts";
export { formatRpcError, RPC_ERROR_NUMBERS } from "./json_rpc_error.ts";
export type { RpcError, RpcErrorCode } from "./json_rpc_error.ts";
export { parseRpcParams, type RpcArguments, type RpcMeta } from "./json_rpc_params.ts";
export { formatRpcFailure, formatRpcNotification, formatRpcResult } from "./json_rpc_response.ts";
export type { RpcAddressee } from "./json_rpc_response.ts";
export { nearest } from "./near.ts";
export { openRpc } from "./open_rpc.ts";
export { formatReply, parseReply, REFUSAL_CODES, ReplyParser } from "./reply.ts";
export type { LineReply, RefusalCode, Reply, ReplyParserOptions } from "./reply.ts";
export { parseRpcTaken, type RpcTaken } from "./json_rpc_taken.ts";
export { parseRpcToken } from "./json_rpc_token.ts";
export { isWish } from "./wish.ts";
export { formatJson, parseJson } from "./exact_json.ts";
