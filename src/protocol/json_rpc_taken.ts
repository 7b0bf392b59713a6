import type { RpcRequest } from "./json_rpc.ts";
import { memberSources } from "./json_source.ts";

/** A client's word that it has room for more items of a stream. */
export interface RpcTaken {
  /** The token that the items carry, as JSON. */
  readonly token: string;
  /** How many more it has taken. */
  readonly items: number;
}

/** What a `$/taken` says; `undefined` where the request is anything else, or says nothing. */
export function parseRpcTaken({ method, params }: RpcRequest): RpcTaken | undefined {
  if (method !== "$/taken" || params?.startsWith("{") !== true) return undefined;
  const members = memberSources(params);
  const token = members.get("token");
  const items = Number(members.get("items"));
  return token !== undefined && Number.isSafeInteger(items) && items > 0
    ? { token, items }
    : undefined;
}
