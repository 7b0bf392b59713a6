import type { JobPriority, Progress } from "../job/mod.ts";
import { formatJson, parseJson } from "../protocol/mod.ts";
import { CallError, type CallFigures } from "./call_error.ts";

/** How many items of a stream are under way, or wait here to be read: then its job waits. */
export const ITEM_WINDOW = 32;

/** What a call says to the server. */
export interface CallRequest {
  readonly job: string;
  readonly input: unknown;
  readonly deadlineMs?: number | undefined;
  readonly priority?: JobPriority | undefined;
  readonly text?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onItem?: ((item: unknown) => void) | undefined;
}

/** What the server says. */
export type FromServer =
  | { readonly kind: "result"; readonly id: unknown; readonly result: unknown }
  | { readonly kind: "error"; readonly id: unknown; readonly error: CallError }
  | { readonly kind: "progress"; readonly id: unknown; readonly progress: Progress }
  | { readonly kind: "item"; readonly id: unknown; readonly item: unknown }
  | { readonly kind: "news" };

/**
 * The line of a call. The input is its one positional parameter, and `_meta` stands behind it, so
 * that an input that is an object cannot be taken for parameters by name.
 */
export function formatCall(id: number, request: CallRequest): string {
  const { job, input, deadlineMs, priority, text, onProgress, onItem } = request;
  const wantsNews = onProgress !== undefined || onItem !== undefined;
  const meta = {
    bigints: "number",
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(priority === undefined ? {} : { priority }),
    ...(text ? { text } : {}),
    ...(wantsNews ? { progressToken: id } : {}),
    ...(onItem === undefined ? {} : { items: ITEM_WINDOW }),
  };
  return formatRequest(
    id,
    job,
    `[${formatJson(input, "number")},{"_meta":${JSON.stringify(meta)}}]`,
  );
}

/** The line that asks for a call to be stopped. It is a notification: the call has its own reply. */
export function formatCancel(id: number): string {
  return `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}}`;
}

/** The line that says that so many more items of a call have been read. */
export function formatTaken(id: number, items: number): string {
  return `{"jsonrpc":"2.0","method":"$/taken","params":{"token":${id},"items":${items}}}`;
}

/** The line of any other request; `params` is JSON. */
export function formatRequest(id: number, method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params},"id":${id}}`;
}

/** What a line of the server says. Throws a CallError where it is no JSON-RPC: nobody can go on then. */
export function parseLine(line: string): FromServer {
  const message = parseObject(line);
  const { id, method, params, result, error } = message;
  if (method === "$/progress" && isRecord(params)) return toProgress(params);
  if (method === "$/item" && isRecord(params)) {
    return { kind: "item", id: params.token, item: params.item };
  }
  if (method !== undefined) return { kind: "news" };
  if (error !== undefined) return { kind: "error", id, error: toCallError(error) };
  return { kind: "result", id, result };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const message = parseJson(line);
    if (isRecord(message)) return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const said = line.length > 200 ? `${line.slice(0, 200)}...` : line;
  throw new CallError("LOST", `Cannot speak JSON-RPC with the server: it says ${said}`);
}

function toProgress({ token: id, value }: Readonly<Record<string, unknown>>): FromServer {
  if (!isRecord(value)) return { kind: "news" };
  const { done, total, note } = value;
  return {
    kind: "progress",
    id,
    progress: {
      done: Number(done),
      ...(total === undefined ? {} : { total: Number(total) }),
      ...(note === undefined ? {} : { note: String(note) }),
    },
  };
}

function toCallError(error: unknown): CallError {
  if (!isRecord(error)) return new CallError("FAILED", String(error));
  const { code: word, reason, ...figures }: CallFigures = isRecord(error.data) ? error.data : {};
  return new CallError(String(word ?? error.code), String(reason ?? error.message), figures);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
