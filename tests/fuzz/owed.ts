/**
 * What a client is owed for the bytes that it sends, worked out from the protocol's document alone:
 * nothing here is imported from the code that is judged by it.
 *
 * @module
 */

/** The limits of the server. */
export interface Limits {
  readonly maxLineBytes: number;
  readonly maxBatch: number;
  readonly maxProtocolErrors: number;
  readonly jobs: ReadonlySet<string>;
}

/** All replies to a stream. */
export interface Owed {
  /** How each reply to a line of text begins, in the order of the lines; {@linkcode BLOCK} is one. */
  readonly text: string[];
  /** For each line of responses the ids in it, as JSON. */
  readonly rpc: string[];
}

/** A reply of several lines. */
export const BLOCK = "(several lines)";

const ERROR = "Error: ";

/** Whether the job of the tests fails on this text; else its result is the text in brackets. */
export function failsOn(text: string): boolean {
  return text.length % 5 === 4;
}

const MAX_NESTING = 128;
const BASES: Readonly<Record<string, RegExp>> = {
  "0x": /^[\da-f]+$/i,
  "0o": /^[0-7]+$/,
  "0b": /^[01]+$/,
  "0u": /^\d+$/,
};
const HTTP = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI) \S+ HTTP\/\d/;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The replies to a client that sends `bytes`, ends its half, and reads to the end. */
export function owedFor(bytes: Uint8Array, limits: Limits): Owed {
  const count = new Count(limits);
  if (bytes[0] === 0x16 && bytes[1] === 3) {
    count.owed.text.push(ERROR);
    return count.owed;
  }
  for (const line of cut(bytes)) {
    count.take(line);
    if (count.isOver) break;
  }
  return count.owed;
}

/** The lines: each ends with LF or CRLF, the last perhaps with neither. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    yield bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end);
    start = end + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

class Count {
  readonly owed: Owed = { text: [], rpc: [] };
  isOver = false;
  readonly #limits: Limits;
  #errors = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  take(line: Uint8Array): void {
    const text = line.length > this.#limits.maxLineBytes ? undefined : decode(line);
    if (text === undefined) this.#takeUnreadable(line[0] === 0x7b || line[0] === 0x5b);
    else if (/^[ \t]*[{[]/.test(text)) this.#takeRpc(text);
    else this.#takeText(text);
  }

  #takeUnreadable(isRpc: boolean): void {
    if (isRpc) this.owed.rpc.push("null");
    else this.owed.text.push(ERROR);
    this.#err(isRpc);
  }

  /** The last error that is borne is followed by a line that says so. */
  #err(isRpc: boolean): void {
    if (++this.#errors !== this.#limits.maxProtocolErrors) return;
    if (isRpc) this.owed.rpc.push("null");
    else this.owed.text.push(ERROR);
    this.isOver = true;
  }

  #takeText(line: string): void {
    this.owed.text.push(this.#replyTo(line));
    const isForeign = HTTP.test(line) || line.startsWith("\x16\x03");
    if (line === "QUIT" || isForeign) this.isOver = true;
  }

  #replyTo(line: string): string {
    const { jobs } = this.#limits;
    const [word = ""] = line.split(" ", 1);
    const about = /^(?:HELP|STATS) (.*)$/s.exec(line)?.[1];
    if (isNumber(line)) return resultOf(line);
    if (jobs.has(word)) return resultOf(line.slice(word.length + 1));
    if (line === "PING") return "PONG";
    if (line === "QUIT") return "BYE";
    if (["HELP", "JOBS", "STATS"].includes(line)) return BLOCK;
    if (about !== undefined && jobs.has(about)) return BLOCK;
    return /^CANCEL [1-9]\d{0,14}$/.test(line) ? "" : ERROR;
  }

  #takeRpc(line: string): void {
    const value = depthOf(line) > MAX_NESTING ? undefined : parse(line);
    if (!Array.isArray(value)) return this.#takeMessages([value], false);
    if (value.length === 0 || value.length > this.#limits.maxBatch) {
      return this.#takeMessages([undefined], false);
    }
    this.#takeMessages(value, true);
  }

  #takeMessages(values: readonly unknown[], isBatch: boolean): void {
    const heard = values.map((value) => responseTo(value, isBatch));
    const ids = heard.flatMap(({ id }) => id === undefined ? [] : [id]);
    if (ids.length > 0) this.owed.rpc.push(ids.join());
    for (const { isFault } of heard) if (isFault) this.#err(true);
  }
}

/** What is not plain may be written as a JSON string. */
function resultOf(text: string): string {
  if (failsOn(text)) return ERROR;
  return /^[ -~]*$/.test(text) ? `Result: <${text}>` : "Result: ";
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How deep arrays and objects nest, strings left out. */
function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[^])*(?:"|$|\\$)|[[\]{}]/g)) {
    if (token === "[" || token === "{") most = Math.max(most, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return most;
}

/** Whether a message is a fault, and the id of its response, as its value; none for notifications. */
function responseTo(value: unknown, isBatch: boolean): { isFault: boolean; id?: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { isFault: true, id: "null" };
  }
  const { jsonrpc, method, params, id } = value as Readonly<Record<string, unknown>>;
  if (isBatch && jsonrpc === undefined) return { isFault: true, id: "null" };
  const hasId = typeof id === "string" || typeof id === "number" || id === null;
  const known = hasId ? JSON.stringify(id) : "null";
  const isLegal = (jsonrpc === undefined || jsonrpc === "1.0" || jsonrpc === "2.0") &&
    typeof method === "string" && (id === undefined || hasId) &&
    (params === undefined || typeof params === "object");
  if (!isLegal) return { isFault: true, id: known };
  const isSilent = id === undefined || jsonrpc !== "2.0" && id === null;
  return { isFault: false, ...(isSilent ? {} : { id: known }) };
}

/** OCaml's `int_of_string`, in 63 bits. */
function isNumber(line: string): boolean {
  const [, prefix = "", digits = ""] = /^[-+]?(0[xobu])?([\da-f][\da-f_]*)$/i.exec(line) ?? [];
  const plain = digits.replaceAll("_", "");
  const kind = prefix.toLowerCase();
  if (kind !== "") {
    return BASES[kind]!.test(plain) && BigInt((kind === "0u" ? "" : kind) + plain) < 2n ** 63n;
  }
  if (!/^\d+$/.test(plain)) return false;
  return BigInt(plain) < 2n ** 62n + (line.startsWith("-") ? 1n : 0n);
}
