/** The n-th Fibonacci number, by naive recursion: exact for as long as it fits into 64 bits. */
export function fib(n: i32): u64 {
  return n <= 1 ? <u64> n : fib(n - 1) + fib(n - 2);
}
