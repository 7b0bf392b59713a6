import { formatRpcFailure } from "../protocol/mod.ts";
import { isTooLong, responseTooLong } from "./reply_limit.ts";

/** Where the response to a request goes. */
export interface RpcAnswers {
  /** Takes the response to the request of this index; `undefined` where there is none to send. */
  answer(index: number, response: string | undefined): void;
}

/** The responses to a batch, which go out as one array when the last is there. */
export class RpcBatch implements RpcAnswers {
  readonly #responses: (string | undefined)[];
  readonly #maxBytes: number;
  readonly #send: (line: string) => void;
  #missing: number;

  constructor(size: number, maxBytes: number, send: (line: string) => void) {
    this.#responses = new Array(size).fill(undefined);
    this.#maxBytes = maxBytes;
    this.#send = send;
    this.#missing = size;
  }

  answer(index: number, response: string | undefined): void {
    this.#responses[index] = response;
    if (--this.#missing > 0) return;
    const responses = this.#responses.filter((response) => response !== undefined);
    if (responses.length > 0) this.#send(this.#format(responses));
  }

  /** One array, or one error where it is too long: all that ran has run, and the client must know. */
  #format(responses: readonly string[]): string {
    const line = `[${responses.join()}]`;
    if (!isTooLong(line, this.#maxBytes)) return line;
    return formatRpcFailure(
      { version: "2.0", id: "null" },
      responseTooLong(line, this.#maxBytes),
    );
  }
}
