import { assertEquals } from "@std/assert";
import {
  type CommandOptions,
  formatCommand,
  formatJson,
  formatReply,
  formatRpcFailure,
  formatRpcRequest,
  isInteger,
  isWish,
  type LineReply,
  parseCommand,
  parseInteger,
  parseJson,
  parseReply,
  parseRpc,
  parseRpcCancel,
  parseRpcParams,
  parseRpcTaken,
  ReplyParser,
  type RpcMessage,
  type RpcRequest,
} from "../../src/protocol/mod.ts";

const GRAMMAR: CommandOptions = {
  dialects: "all",
  jobs: new Set(["fib", "echo"]),
  defaultJob: "fib",
};

/** Gives a line to every parser, and throws where a law of theirs does not hold. */
export function judgeLine(line: string): void {
  const command = parseCommand(line, GRAMMAR);
  assertSame(isInteger(line), parseInteger(line) !== undefined);
  isWish(line);
  judgeReplies(line);
  if (/^\s*[{["\d-]/.test(line)) judgeJson(line);
  switch (command.kind) {
    case "rpc":
      return judgeRpc(line);
    case "invalid-number":
    case "unknown-job":
    case "foreign":
      return;
    default:
      if (!line.endsWith("\r")) {
        assertEquals(parseCommand(formatCommand(command), GRAMMAR), command);
      }
  }
}

/** Whatever a job or a server says goes out as one line, and comes back as it was. */
function judgeReplies(text: string): void {
  assertSame(judgeReply({ kind: "result", text }).text, text);
  assertSame(judgeReply({ kind: "error", message: text }).message, text);
  assertSame(judgeReply({ kind: "refusal", code: "INVALID", message: text }).message, text);
  new ReplyParser().push(text);
  const parser = new ReplyParser();
  const lines = formatReply({ kind: "block", lines: [text, text] }).split("\n").slice(0, -1);
  const block = lines.map((line) => parser.push(line)).pop();
  assertSame(block?.kind === "block" && block.lines.join("\n"), `${text}\n${text}`);
  assertSame(lines.length, 3);
}

function judgeReply<R extends LineReply>(reply: R): R {
  const line = formatReply(reply);
  assertSame(line.indexOf("\n"), line.length - 1);
  const read = parseReply(line.slice(0, -1));
  assertSame(read.kind, reply.kind);
  return read as R; // it is of this kind
}

/** At a tenth of the cost of `assertEquals`, for what is compared a million times. */
function assertSame(actual: unknown, expected: unknown): void {
  if (actual !== expected) assertEquals(actual, expected);
}

function judgeJson(text: string): void {
  const [ours, theirs] = [attempt(() => parseJson(text)), attempt(() => JSON.parse(text))];
  assertEquals(ours === undefined, theirs === undefined, "what is JSON is JSON");
  if (ours === undefined) return;
  const written = formatJson(ours.value, "number");
  assertEquals(formatJson(parseJson(written), "number"), written, "every digit stays");
}

function judgeRpc(line: string): void {
  const parsed = parseRpc(line, { maxBatch: 8 });
  for (const message of Array.isArray(parsed) ? parsed : [parsed]) judgeMessage(message);
}

function judgeMessage(message: RpcMessage): void {
  if (message.kind === "fault") {
    JSON.parse(formatRpcFailure(message, message.error));
    return;
  }
  const again = parseRpc(formatRpcRequest(message), { maxBatch: 1 });
  assertEquals(again, message, "what is written is read back");
  parseRpcCancel(message);
  parseRpcTaken(message);
  judgeParams(message);
}

/** An input is JSON, so that it reaches the job; and a `_meta` that is wrong is told in words. */
function judgeParams({ params }: RpcRequest): void {
  try {
    const { input, meta } = parseRpcParams(params);
    if (input !== "") JSON.parse(input);
    if (meta.progressToken !== undefined) JSON.parse(meta.progressToken);
  } catch (error) {
    if (!(error instanceof TypeError && error.message.startsWith("Cannot "))) throw error;
  }
}

function attempt<T>(fn: () => T): { readonly value: T } | undefined {
  try {
    return { value: fn() };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
