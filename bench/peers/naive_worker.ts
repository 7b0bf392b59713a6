/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

function fib(n: number): number {
  return n <= 1 ? n : fib(n - 1) + fib(n - 2);
}

self.onmessage = ({ data }: MessageEvent<{ id: number; n: number }>) => {
  self.postMessage({ id: data.id, result: fib(data.n) });
};
