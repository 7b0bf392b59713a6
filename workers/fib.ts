import { defineJob, parseInteger } from "@switchyard/switchyard/job";
import * as v from "valibot";
import { fib } from "./assembly/fib.wasm";

/** The largest number that the module takes. No run ends that begins there: no stack is so deep. */
const MAX = 2 ** 31 - 1;

/** The last n whose Fibonacci number fits into 64 bits. */
const LAST_EXACT = 93;

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
  run(n) {
    if (n <= 1) return n;
    const result = BigInt.asUintN(64, deepEnough(n, () => fib(Number(n < MAX ? n : MAX))));
    return result <= Number.MAX_SAFE_INTEGER ? Number(result) : result;
  },
});

/** What `recurse` gives, which goes `n` calls deep: where the stack ends before that, it says so. */
export function deepEnough<T>(n: number | bigint, recurse: () => T): T {
  try {
    return recurse();
  } catch (cause) {
    throw new RangeError(
      `Cannot compute fib of ${n}: the stack of a lane is not as deep. Ask for a smaller number: fib ${LAST_EXACT} is the last that fits into 64 bits`,
      { cause },
    );
  }
}
