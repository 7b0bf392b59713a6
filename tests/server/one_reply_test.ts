import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { RawClient } from "./raw_client.ts";
import { type TestServer, withServer } from "./with_server.ts";

/** A request, and what its one reply must look like. */
interface Exchange {
  readonly line: string;
  readonly reply: RegExp;
}

const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.integer({ min: -50, max: 1 }).map((n) => ({ line: `${n}`, reply: exactly(`Result: ${n}`) })),
  fc.constantFrom(
    { line: "21", reply: exactly("Result: 10946") },
    { line: "20", reply: exactly("Result: 6765") },
    { line: "PING", reply: exactly("PONG") },
    { line: "", reply: exactly("Error: Invalid number") },
    { line: "primes 1000", reply: exactly("Result: 168") },
    { line: "sha256 x", reply: /^Result: 2d71\w{60}$/ },
    { line: "sleep 5", reply: exactly("Result: 5") },
    { line: "sleep soon", reply: /^Error: .* \[INVALID\]$/ },
    { line: "spin", reply: /^Error: .* deadline of 60 ms; it was killed.* \d+ ms \[DEADLINE\]$/ },
    { line: "x".repeat(101), reply: /^Error: .* \[LINE_TOO_LONG\]$/ },
  ),
);

interface Visit {
  readonly exchanges: readonly Exchange[];
  /** After how many replies it leaves; never, where it has not so many requests. */
  readonly leavesAfter: number;
  readonly endsHalf: boolean;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  exchanges: fc.array(exchange, { minLength: 1, maxLength: 12 }),
  leavesAfter: fc.oneof(fc.constant(Infinity), fc.nat(10)),
  endsHalf: fc.boolean(),
});

function exactly(reply: string): RegExp {
  return new RegExp(`^${reply}$`);
}

/** Says all lines at once, and hears replies for as long as it stays. */
async function pay(server: TestServer, { exchanges, leavesAfter, endsHalf }: Visit): Promise<void> {
  using client = await server.connect();
  await client.say(exchanges.map(({ line }) => `${line}\n`).join(""));
  if (endsHalf) await client.end();
  for (const [index, { reply }] of exchanges.entries()) {
    if (index === leavesAfter) return;
    assertMatch(await client.hearLine() ?? "the end of the stream", reply);
  }
  if (endsHalf) assertEquals(await client.hearLine(), undefined);
  else assertEquals(await client.ask("PING"), ["PONG"]);
}

async function untilIdle(watcher: RawClient): Promise<void> {
  while (await watcher.stat("lanes busy") !== "0" || await watcher.stat("queued") !== "0");
}

Deno.test("Every line of a client that stays gets its one reply, in order, whoever else leaves", async () => {
  const grants = { spin: { limits: { deadlineMs: 60 } } };
  const options = { maxLineBytes: 100, maxInFlight: 4, graceMs: 20, grants };
  await withServer(options, async (server) => {
    using watcher = await server.connect();
    const property = fc.asyncProperty(
      fc.array(visit, { minLength: 1, maxLength: 8 }),
      async (visits) => {
        await Promise.all(visits.map((visit) => pay(server, visit)));
        await untilIdle(watcher);
        assertEquals(await watcher.ask("10"), ["Result: 55"]);
      },
    );
    await fc.assert(property, { numRuns: 15, endOnFailure: true });
    assertEquals(await watcher.stat("crashed"), "0");
  });
});
