/** A response of JSON-RPC 2.0, as a test looks at it. */
export interface Response {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** The line of a request, or, without an id, of a notification. */
export function request(method: string, params?: unknown, id?: unknown): string {
  return `${JSON.stringify({ jsonrpc: "2.0", method, params, id })}\n`;
}

/** The line of a response with a result, without its end. */
export function response(id: unknown, result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", result, id });
}

/** The responses in what was heard, those of batches among them. */
export function responses(heard: string): Response[] {
  return heard.split("\n").filter((line) => line !== "").flatMap((line) => JSON.parse(line));
}
