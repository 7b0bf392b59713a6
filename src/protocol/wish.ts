import { parseCancel } from "./command.ts";
import { isRpcLine, parseRpc } from "./json_rpc.ts";
import { parseRpcCancel } from "./json_rpc_cancel.ts";

/** What stands in every line of JSON-RPC that cancels, but for escapes that nobody writes. */
const MAY_WISH = /cancelRequest|notifications\/cancelled/;

/**
 * Whether `line` wishes that a request be stopped, and nothing else: such a line is looked at even
 * while others wait. Costs little for any other line.
 */
export function isWish(line: string): boolean {
  if (line.startsWith("CANCEL ")) return parseCancel(line) !== undefined;
  if (!isRpcLine(line) || !MAY_WISH.test(line)) return false;
  const message = parseRpc(line, { maxBatch: 1 });
  return !Array.isArray(message) && message.kind === "request" &&
    parseRpcCancel(message) !== undefined;
}
