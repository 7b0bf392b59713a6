/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { fib } from "../../workers/assembly/fib.wasm";

self.onmessage = ({ data }: MessageEvent<{ id: number; n: number }>) => {
  self.postMessage({ id: data.id, result: Number(fib(data.n)) });
};
