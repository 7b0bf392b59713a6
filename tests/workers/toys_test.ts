import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { realEnv } from "../../src/env/mod.ts";
import { ask, type JobLaws, type Jobs, tryLaws } from "./real_jobs.ts";

Deno.test("The toys in workers/", async (t) => {
  await tryLaws(t, "worker", {
    ...fibLaws,
    ...shaLaws,
    ...primesLaws,
    ...sleepLaws,
    ...spinLaws,
  });
});

const fibLaws: JobLaws = {
  "fib gives the known numbers": (jobs) =>
    ask(jobs, "fib", [["0", "0"], ["1", "1"], ["2", "1"], ["10", "55"], ["30", "832040"]]),
  "fib gives n for n <= 1, exactly": (jobs) =>
    ask(jobs, "fib", [
      ["-1", "-1"],
      ["-4611686018427387904", "-4611686018427387904"],
      ["0x7fffffffffffffff", "-1"],
    ]),
  "fib takes every form of an integer": (jobs) =>
    ask(jobs, "fib", [
      ["0xA", "55"],
      ["0b1010", "55"],
      ["0o12", "55"],
      ["0u10", "55"],
      ["+10", "55"],
      ["1_0", "55"],
    ]),
  "fib refuses what is no integer": (jobs) =>
    ask(
      jobs,
      "fib",
      ["", " 1", "1 ", "1.5", "abc", "_1", "0x", "4611686018427387904", "1e3"].map((text) =>
        [text, "invalid: Invalid number"] as const
      ),
    ),
  "fib takes numbers and bigints as values": async (jobs) => {
    assertEquals(await jobs.value("fib", 20), 6765);
    assertEquals(await jobs.value("fib", 20n), 6765);
    assertEquals(await jobs.value("fib", -(2n ** 62n)), -(2n ** 62n));
    assertEquals(await jobs.value("fib", 1.5), "invalid");
    assertEquals(await jobs.value("fib", "20"), "invalid");
  },
  "fib fails where no stack is deep enough, and wraps no argument to a smaller one": (jobs) =>
    ask(jobs, "fib", [
      ["1000000", noStack("1000000")],
      ["4294967298", noStack("4294967298")],
      ["4611686018427387903", noStack("4611686018427387903")],
    ]),
  "fib is killed at its deadline, as its recursion hears nothing": async (jobs) => {
    const outcome = await jobs.value("fib", 50, { deadlineMs: 30 });
    assertEquals(outcome, "deadline, killed");
  },
  "fib_js gives what fib gives": async (jobs) => {
    for (const n of [-5, 0, 1, 2, 20, -(2n ** 62n)]) {
      assertEquals(await jobs.value("fib_js", n), await jobs.value("fib", n), `${n}`);
    }
    await ask(jobs, "fib_js", [
      ["0x10", "987"],
      ["abc", "invalid: Invalid number"],
      ["1000000", noStack("1000000")],
    ]);
  },
};

const noStack = (n: string) =>
  `failed: Cannot compute fib of ${n}: the stack of a lane is not as deep. Ask for a smaller number: fib 93 is the last that fits into 64 bits`;

const shaLaws = {
  "sha256 gives the known sums": (jobs: Jobs) =>
    ask(jobs, "sha256", [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      ["hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"],
    ]),
  "sha256 sums the UTF-8 of a text, however long": async (jobs: Jobs) => {
    for (const text of ["Grüße, 世界 🚂", "ü".repeat(10_000)]) {
      const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      assertEquals(await jobs.answer("sha256", text), new Uint8Array(sum).toHex());
    }
  },
};

const primesLaws = {
  "primes counts as known": (jobs: Jobs) =>
    ask(jobs, "primes", [
      ...[["-5", "0"], ["0", "0"], ["1", "0"], ["2", "1"], ["3", "2"], ["4", "2"]] as const,
      ...[["100", "25"], ["1000", "168"], ["131072", "12251"], ["131073", "12251"]] as const,
      ["1000000", "78498"],
    ]),
  "primes counts as trial division does": async (jobs: Jobs) => {
    let count = 0;
    for (let n = 0; n <= 200; n++) {
      if (isPrime(n)) count++;
      assertEquals(await jobs.value("primes", n), count, `up to ${n}`);
    }
  },
  "primes refuses what is no whole number, or too large": async (jobs: Jobs) => {
    for (const text of ["", "ten", "1.5", "0x10", "10000000001", "9".repeat(30)]) {
      assertMatch(String(await jobs.answer("primes", text)), /^invalid: /, text);
    }
  },
  "primes stops when asked": async (jobs: Jobs) => {
    const { stop } = await jobs.late("primes", 10_000_000_000, 60_000);
    assertEquals(stop.how, "asked");
  },
};

const sleepLaws = {
  "sleep waits, and says how long": async (jobs: Jobs) => {
    const { clock } = realEnv();
    const before = clock.monotonic();
    assertEquals(await jobs.answer("sleep", "30"), "30");
    assert(clock.monotonic() - before >= 29);
  },
  "sleep stops when asked": async (jobs: Jobs) => {
    const { stop, runMs } = await jobs.late("sleep", 60_000, 60_000);
    assertEquals(stop.how, "asked");
    assertLess(runMs, 30_000);
  },
  "sleep refuses what is no time": async (jobs: Jobs) => {
    for (const text of ["", "-1", "soon", "86400001", "1e3"]) {
      assertMatch(String(await jobs.answer("sleep", text)), /^invalid: /, text);
    }
  },
};

const spinLaws = {
  "spin burns until it is killed": async (jobs: Jobs) => {
    const { stop } = await jobs.late("spin", "");
    assertEquals([stop.how, stop.verified], ["killed", true]);
  },
};

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
}
