import { defineJob, parseInteger } from "@switchyard/switchyard/job";
import * as v from "valibot";

/** The largest n whose Fibonacci number a double holds exactly. */
const LAST_EXACT_DOUBLE = 78;

export default defineJob({
  name: "fib",
  summary: "The n-th Fibonacci number, by naive recursion: it is there to burn CPU",
  pure: true,
  takes: "an integer: decimal, or 0x, 0o, 0b and digits",
  examples: ["30", "0x1e"],
  input: v.union([v.pipe(v.number(), v.safeInteger()), v.bigint()]),
  parse(text) {
    const n = parseInteger(text);
    if (n === undefined) throw new SyntaxError("Invalid number");
    return n;
  },
  run: (n) => n <= 1 ? n : n <= LAST_EXACT_DOUBLE ? fib(Number(n)) : exactFib(BigInt(n)),
});

function fib(n: number): number {
  return n <= 1 ? n : fib(n - 1) + fib(n - 2);
}

function exactFib(n: bigint): bigint {
  return n <= 1n ? n : exactFib(n - 1n) + exactFib(n - 2n);
}
