import { Buffer } from "node:buffer";
import type { LineReply, RpcError } from "../protocol/mod.ts";

/** No UTF-16 unit takes more bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/** Whether `line`, without its end, is longer than a reply may be. A short one costs a comparison. */
export function isTooLong(line: string, maxBytes: number): boolean {
  return line.length * MOST_BYTES_PER_UNIT > maxBytes && Buffer.byteLength(line) > maxBytes;
}

/** What is sent in the place of a reply that is too long. */
export function responseTooLong(line: string, maxBytes: number): LineReply & RpcError {
  const bytes = Buffer.byteLength(line);
  return {
    kind: "refusal",
    code: "RESPONSE_TOO_LONG",
    message:
      `Cannot send a reply of ${bytes} bytes: the limit is ${maxBytes} bytes, and the operator may raise it`,
  };
}
