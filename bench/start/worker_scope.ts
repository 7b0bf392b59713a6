/** What a Web Worker has for its `self`. Deno declares it for whole files only. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}
