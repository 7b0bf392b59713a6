import type { RpcError } from "./json_rpc_error.ts";
import { isDeeperThan, itemSources, memberSources } from "./json_source.ts";

/** The shape of a request, which is that of its response. */
export type RpcVersion = "1.0" | "2.0";

/** A request of a client, or, where it has no `id`, a notification, which is not answered. */
export interface RpcRequest {
  /** What it is. */
  readonly kind: "request";
  /** Its shape. */
  readonly version: RpcVersion;
  /** As JSON, with every digit of a number; `undefined` for a notification. */
  readonly id: string | undefined;
  /** What is asked for: a job's name as a rule. */
  readonly method: string;
  /** An array or an object, as JSON, just as it was written. */
  readonly params: string | undefined;
}

/** What is no request, and is answered all the same. */
export interface RpcFault {
  /** What it is. */
  readonly kind: "fault";
  /** The shape of the reply. */
  readonly version: RpcVersion;
  /** As JSON; `null` where none could be read. */
  readonly id: string;
  /** What is wrong with it. */
  readonly error: RpcError;
}

/** A member of a batch, or a line of its own. */
export type RpcMessage = RpcRequest | RpcFault;

/** What {@linkcode parseRpc} must know of the server. */
export interface RpcOptions {
  /** How many requests a batch may hold. */
  readonly maxBatch: number;
}

/** How deep arrays and objects may stand in each other. */
const MAX_NESTING = 128;

/** How long an id may be, as JSON: it comes back in the reply, which has its own limit. */
const MAX_ID_LENGTH = 1024;

/** Whether `line` is meant as JSON-RPC: an object or an array, after blanks. */
export function isRpcLine(line: string): boolean {
  return /^[ \t]*[{[]/.test(line);
}

/**
 * What a line says in JSON-RPC: one message, or a batch of them. It never throws: what cannot be
 * read is a fault, which knows its own reply.
 *
 * A request without `jsonrpc` is one of version 1.0, and so is its reply; one in a batch is a fault,
 * as 1.0 has no batches.
 *
 * @example
 * ```ts
 * import { parseRpc } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const line = '{"jsonrpc":"2.0","method":"fib","params":[30],"id":12345678901234567890}';
 * assertEquals(parseRpc(line, { maxBatch: 64 }), {
 *   kind: "request",
 *   version: "2.0",
 *   id: "12345678901234567890",
 *   method: "fib",
 *   params: "[30]",
 * });
 * ```
 */
export function parseRpc(line: string, { maxBatch }: RpcOptions): RpcMessage | RpcMessage[] {
  if (isDeeperThan(MAX_NESTING, line)) {
    const most = `the limit is ${MAX_NESTING}`;
    return fault(
      "PARSE_ERROR",
      `Cannot read the line: its arrays and objects nest deeper, ${most}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fault("PARSE_ERROR", `Cannot read the line as JSON: ${error.message}`);
  }
  return Array.isArray(value) ? parseBatch(line, value, maxBatch) : parseSingle(line, value);
}

/**
 * The line that says `message`, or a batch of them, without a line end: {@linkcode parseRpc} reads
 * it back.
 *
 * @example
 * ```ts
 * import { formatRpcRequest } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const line = formatRpcRequest({
 *   kind: "request",
 *   version: "2.0",
 *   id: "1",
 *   method: "fib",
 *   params: "[30]",
 * });
 * assertEquals(line, '{"jsonrpc":"2.0","method":"fib","params":[30],"id":1}');
 * ```
 */
export function formatRpcRequest({ version, id, method, params }: RpcRequest): string {
  const members = [
    ...(version === "2.0" ? ['"jsonrpc":"2.0"'] : []),
    `"method":${JSON.stringify(method)}`,
    ...(params === undefined ? [] : [`"params":${params}`]),
    ...(id === undefined ? [] : [`"id":${id}`]),
  ];
  return `{${members.join()}}`;
}

function parseBatch(line: string, values: readonly unknown[], maxBatch: number) {
  if (values.length === 0) {
    return fault("INVALID_REQUEST", "Cannot answer an empty batch: it holds no request");
  }
  if (values.length > maxBatch) {
    return fault(
      "INVALID_REQUEST",
      `Cannot take a batch of ${values.length} requests: the limit is ${maxBatch}; send several`,
    );
  }
  return itemSources(line).map((source, index) => parseInBatch(source, values[index]));
}

function parseInBatch(source: string, value: unknown): RpcMessage {
  return isRecord(value) && value.jsonrpc === undefined
    ? fault("INVALID_REQUEST", 'Cannot take a request of a batch without "jsonrpc": "2.0"')
    : parseSingle(source, value);
}

function parseSingle(source: string, value: unknown): RpcMessage {
  if (!isRecord(value)) return fault("INVALID_REQUEST", "Cannot take this: a request is an object");
  const version = versionOf(value);
  const members = memberSources(source);
  const id = readId(value, members);
  const { method, params } = value;
  const refuse = (reason: string) =>
    fault("INVALID_REQUEST", `Cannot take the request: ${reason}`, id ?? "null", version);
  if (version === undefined) return refuse('its "jsonrpc" must be "2.0", or left out for 1.0');
  if (id === undefined && value.id !== undefined) {
    const kinds = `a string, a number or null, of at most ${MAX_ID_LENGTH} characters`;
    return refuse(`its "id" must be ${kinds}`);
  }
  if (typeof method !== "string") return refuse('its "method" must be a string');
  if (params !== undefined && typeof params !== "object") {
    return refuse('its "params" must be an array or an object');
  }
  return {
    kind: "request",
    version,
    id: version === "1.0" && value.id === null ? undefined : id,
    method,
    params: params === null ? undefined : members.get("params"),
  };
}

/** Without `jsonrpc` a request is one of 1.0, if it is one at all: faults are told as in 2.0. */
function versionOf({ jsonrpc, method }: Record<string, unknown>): RpcVersion | undefined {
  if (jsonrpc === "2.0") return "2.0";
  if (jsonrpc === "1.0") return "1.0";
  if (jsonrpc !== undefined) return undefined;
  return typeof method === "string" ? "1.0" : "2.0";
}

/** The id as JSON; `undefined` where there is none, or none that may be. */
function readId({ id }: Record<string, unknown>, sources: ReadonlyMap<string, string>) {
  const isLegal = typeof id === "string" || typeof id === "number" || id === null;
  const source = typeof id === "string" ? JSON.stringify(id) : sources.get("id");
  return isLegal && source !== undefined && source.length <= MAX_ID_LENGTH ? source : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fault(
  code: RpcError["code"],
  message: string,
  id = "null",
  version: RpcVersion = "2.0",
): RpcFault {
  return { kind: "fault", version, id, error: { code, message } };
}
