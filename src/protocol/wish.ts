import { parseCancel } from "./command.ts";
import { isRpcLine, parseRpc } from "./json_rpc.ts";
import { parseRpcCancel } from "./json_rpc_cancel.ts";
import { parseRpcTaken } from "./json_rpc_taken.ts";

/** What stands in every such line of JSON-RPC, but for escapes that nobody writes. */
const MAY_WISH = /cancelRequest|notifications\/cancelled|\$\/taken/;

/**
 * Whether `line` is about requests that are under way, and nothing else: that one be stopped, or that
 * its items were taken. Such a line is looked at even while others wait. Costs little for any other.
 */
export function isWish(line: string): boolean {
  if (line.startsWith("CANCEL ")) return parseCancel(line) !== undefined;
  if (!isRpcLine(line) || !MAY_WISH.test(line)) return false;
  const message = parseRpc(line, { maxBatch: 1 });
  if (Array.isArray(message) || message.kind !== "request") return false;
  return parseRpcCancel(message) !== undefined || parseRpcTaken(message) !== undefined;
}
