import { quote, quoteIfNeeded, unquote } from "./quote.ts";

/** Why the server itself refused or ended a request: the word that a program can match. */
export const REFUSAL_CODES = [
  "BUSY",
  "DRAINING",
  "DEADLINE",
  "CANCELLED",
  "KILLED",
  "OUT_OF_MEMORY",
  "CRASHED",
  "DENIED",
  "UNAUTHENTICATED",
  "UNKNOWN_JOB",
  "LINE_TOO_LONG",
  "RESPONSE_TOO_LONG",
  "TOO_MANY_ERRORS",
  "TIMED_OUT",
  "INVALID",
] as const;

/** One of {@linkcode REFUSAL_CODES}. */
export type RefusalCode = typeof REFUSAL_CODES[number];

/** A reply that is one line. */
export type LineReply =
  /** What a job computed. */
  | { readonly kind: "result"; readonly text: string }
  /** A job's own error. */
  | { readonly kind: "error"; readonly message: string }
  /** The server's word: a sentence that names the limit, and its code. */
  | { readonly kind: "refusal"; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: "pong" }
  /** The last line of a connection. */
  | { readonly kind: "bye"; readonly message: string };

/** What the server answers: one line, or several that end with a line that holds a single `.`. */
export type Reply = LineReply | { readonly kind: "block"; readonly lines: readonly string[] };

const RESULT = "Result: ";
const ERROR = "Error: ";
const PONG = "PONG";
const BYE = "BYE";
const BLOCK_END = ".";

/** A message that ends so would be taken for a refusal. Codes yet to come are codes too. */
const ENDS_LIKE_REFUSAL = / \[[A-Z_]+\]$/;

const CODES: ReadonlySet<string> = new Set(REFUSAL_CODES);

/**
 * The bytes of `reply` as text, with the newline of each line. {@linkcode parseReply} and
 * {@linkcode ReplyParser} read them back.
 *
 * A text goes as it is, but as a JSON string where it holds a control character, begins with a
 * double quote, or (a job's error) ends like a refusal; so a reply never has more lines than it
 * should.
 *
 * @example
 * ```ts
 * import { formatReply } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatReply({ kind: "result", text: "832040" }), "Result: 832040\n");
 * assertEquals(formatReply({ kind: "result", text: "a\nb" }), 'Result: "a\\nb"\n');
 * assertEquals(
 *   formatReply({ kind: "refusal", code: "BUSY", message: "Cannot take more than 10000 requests" }),
 *   "Error: Cannot take more than 10000 requests [BUSY]\n",
 * );
 * ```
 */
export function formatReply(reply: Reply): string {
  return reply.kind === "block" ? formatBlock(reply.lines) : `${formatLine(reply)}\n`;
}

/**
 * The reply that `line`, without its newline, is. Throws a SyntaxError where it is none, as are the
 * lines of a block: those are for {@linkcode ReplyParser}.
 *
 * @example
 * ```ts
 * import { parseReply } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseReply("Result: 832040"), { kind: "result", text: "832040" });
 * assertEquals(parseReply("Error: Invalid number"), { kind: "error", message: "Invalid number" });
 * ```
 */
export function parseReply(line: string): LineReply {
  if (line.startsWith(RESULT)) return { kind: "result", text: unquote(line.slice(RESULT.length)) };
  if (line.startsWith(ERROR)) return parseError(line.slice(ERROR.length));
  if (line === PONG) return { kind: "pong" };
  if (line === BYE) return { kind: "bye", message: "" };
  if (line.startsWith(`${BYE} `)) return { kind: "bye", message: unquote(line.slice(4)) };
  throw new SyntaxError(`Cannot read the reply: ${JSON.stringify(line.slice(0, 80))} is none`);
}

/** Options for {@linkcode ReplyParser}. */
export interface ReplyParserOptions {
  /**
   * How many lines a block may have.
   *
   * @default {10_000}
   */
  readonly maxBlockLines?: number;
}

/**
 * Reads replies, line by line, those of several lines too.
 *
 * @example
 * ```ts
 * import { ReplyParser } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new ReplyParser();
 * assertEquals(parser.push("PONG"), { kind: "pong" });
 * assertEquals(parser.push("fib     the n-th Fibonacci number"), undefined);
 * assertEquals(parser.push("."), {
 *   kind: "block",
 *   lines: ["fib     the n-th Fibonacci number"],
 * });
 * ```
 */
export class ReplyParser {
  readonly #maxBlockLines: number;
  #block: string[] = [];

  /** Make a parser that has read nothing yet. */
  constructor({ maxBlockLines = 10_000 }: ReplyParserOptions = {}) {
    this.#maxBlockLines = maxBlockLines;
  }

  /** Whether a block has begun and not ended: where the stream ends now, it was cut. */
  get isInBlock(): boolean {
    return this.#block.length > 0;
  }

  /**
   * The reply that `line`, without its newline, completes; `undefined` where more lines belong to
   * it. Throws a RangeError when a block has more lines than `maxBlockLines`.
   */
  push(line: string): Reply | undefined {
    if (!this.isInBlock && isLineReply(line)) return parseReply(line);
    if (line === BLOCK_END) return this.#endBlock();
    if (this.#block.length >= this.#maxBlockLines) {
      throw new RangeError(
        `Cannot read the reply: its block has more than ${this.#maxBlockLines} lines`,
      );
    }
    this.#block.push(parseBlockLine(line));
    return undefined;
  }

  #endBlock(): Reply {
    const lines = this.#block;
    this.#block = [];
    return { kind: "block", lines };
  }
}

function formatLine(reply: LineReply): string {
  switch (reply.kind) {
    case "result":
      return RESULT + quoteIfNeeded(reply.text);
    case "error":
      return ERROR + formatError(reply.message);
    case "refusal":
      return `${ERROR}${quoteIfNeeded(reply.message)} [${reply.code}]`;
    case "pong":
      return PONG;
    case "bye":
      return reply.message === "" ? BYE : `${BYE} ${quoteIfNeeded(reply.message)}`;
  }
}

function formatError(message: string): string {
  const isAmbiguous = message.endsWith("]") && ENDS_LIKE_REFUSAL.test(message);
  return isAmbiguous ? quote(message) : quoteIfNeeded(message);
}

function parseError(body: string): LineReply {
  const code = ENDS_LIKE_REFUSAL.exec(body)?.[0].slice(2, -1);
  if (!isRefusalCode(code)) return { kind: "error", message: unquote(body) };
  const message = body.slice(0, -` [${code}]`.length);
  return { kind: "refusal", code, message: unquote(message) };
}

function isRefusalCode(code: string | undefined): code is RefusalCode {
  return code !== undefined && CODES.has(code);
}

function formatBlock(lines: readonly string[]): string {
  return [...lines.map(formatBlockLine), BLOCK_END, ""].join("\n");
}

/** Stuffs a dot before a line that would end the block, or that would be a reply of its own. */
function formatBlockLine(line: string, index: number): string {
  const text = quoteIfNeeded(line);
  return text.startsWith(".") || (index === 0 && isLineReply(text)) ? `.${text}` : text;
}

function parseBlockLine(line: string): string {
  return unquote(line.startsWith(".") ? line.slice(1) : line);
}

function isLineReply(line: string): boolean {
  return line.startsWith(RESULT) || line.startsWith(ERROR) || line === PONG || line === BYE ||
    line.startsWith(`${BYE} `);
}
