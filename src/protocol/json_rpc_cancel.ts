import type { RpcRequest } from "./json_rpc.ts";
import { memberSources } from "./json_source.ts";

/** A client's wish to have a request of its own stopped. */
export interface RpcCancel {
  /** The request's id, as JSON; `undefined` where the wish names none. */
  readonly id: string | undefined;
  /** Why, in the client's words. */
  readonly reason: string | undefined;
}

/** The methods that cancel, and how each calls the id: LSP's and MCP's. */
const ID_MEMBERS: Readonly<Record<string, string>> = {
  "$/cancelRequest": "id",
  "notifications/cancelled": "requestId",
};

/** A longer reason is cut: it goes into the log. */
const MAX_REASON_LENGTH = 200;

/** The wish to cancel that `request` is; `undefined` where it is anything else. */
export function parseRpcCancel({ method, params }: RpcRequest): RpcCancel | undefined {
  const member = Object.hasOwn(ID_MEMBERS, method) ? ID_MEMBERS[method] : undefined;
  if (member === undefined) return undefined;
  if (params?.startsWith("{") !== true) return { id: undefined, reason: undefined };
  const members = memberSources(params);
  const reason = readString(members.get("reason"))?.slice(0, MAX_REASON_LENGTH);
  return { id: canonicalId(members.get(member)), reason };
}

/** As {@linkcode RpcRequest.id} is written: a string in one way only. */
function canonicalId(source: string | undefined): string | undefined {
  const text = readString(source);
  return text === undefined ? source : JSON.stringify(text);
}

function readString(source: string | undefined): string | undefined {
  return source?.startsWith('"') ? String(JSON.parse(source)) : undefined;
}
