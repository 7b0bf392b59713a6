import type { RpcRequest } from "./json_rpc.ts";

/** The token of an `rpc.authenticate`, named or as the one parameter; `undefined` where it has none. */
export function parseRpcToken({ params }: RpcRequest): string | undefined {
  if (params === undefined) return undefined;
  const given: unknown = JSON.parse(params);
  const token = Array.isArray(given) ? given[0] : (given as { readonly token?: unknown }).token;
  return typeof token === "string" && token !== "" ? token : undefined;
}
