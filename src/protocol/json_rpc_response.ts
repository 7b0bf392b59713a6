import { formatRpcError, formatRpcErrorText, type RpcError } from "./json_rpc_error.ts";
import type { RpcVersion } from "./json_rpc.ts";

/** What a response must know of its request. */
export interface RpcAddressee {
  readonly version: RpcVersion;
  /** As JSON. */
  readonly id: string;
}

/** The response that carries a result, which is JSON already, without a line end. */
export function formatRpcResult({ version, id }: RpcAddressee, result: string): string {
  return version === "2.0"
    ? `{"jsonrpc":"2.0","result":${result},"id":${id}}`
    : `{"result":${result},"error":null,"id":${id}}`;
}

/** The response that says why there is no result, without a line end. */
export function formatRpcFailure({ version, id }: RpcAddressee, error: RpcError): string {
  return version === "2.0"
    ? `{"jsonrpc":"2.0","error":${formatRpcError(error)},"id":${id}}`
    : `{"result":null,"error":${formatRpcErrorText(error)},"id":${id}}`;
}

/** The line of a message that nobody asked for and nobody answers; `params` is JSON. */
export function formatRpcNotification(method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`;
}
