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
export type { Command, CommandOptions, Dialects, Misunderstanding, Request } from "./command.ts";
export { foreignProtocol, isTlsHello } from "./foreign.ts";
export type { ForeignProtocol } from "./foreign.ts";
export { helpLines, jobHelpLines, jobsLines, statsLines } from "./help.ts";
export type { JobInfo, Stats } from "./help.ts";
export { isImmediate, isLast, replyAtOnce } from "./immediate.ts";
export type { ImmediateCommand } from "./immediate.ts";
export { isInteger, parseInteger } from "./integer.ts";
export { nearest } from "./near.ts";
export { formatReply, parseReply, REFUSAL_CODES, ReplyParser } from "./reply.ts";
export type { LineReply, RefusalCode, Reply, ReplyParserOptions } from "./reply.ts";
