import { defineJob } from "@switchyard/switchyard/job";
import job, { deepEnough } from "./fib.ts";

/** The largest n whose Fibonacci number a double holds exactly. */
const LAST_EXACT_DOUBLE = 78;

export default defineJob({
  ...job,
  name: "fib_js",
  summary: "The same as fib, but written in TypeScript: what WebAssembly gains",
  run(n) {
    if (n <= 1) return n;
    return n <= LAST_EXACT_DOUBLE ? fib(Number(n)) : deepEnough(n, () => exactFib(BigInt(n)));
  },
});

function fib(n: number): number {
  return n <= 1 ? n : fib(n - 1) + fib(n - 2);
}

function exactFib(n: bigint): bigint {
  return n <= 1n ? n : exactFib(n - 1n) + exactFib(n - 2n);
}
