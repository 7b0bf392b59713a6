import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { talk } from "./talk.ts";

/** A line and, where it is known at once, its reply; a job's reply is its text in brackets. */
interface Exchange {
  readonly line: string;
  readonly reply: string;
}

const job = (line: string, text: string): Exchange => ({ line, reply: `Result: <${text}>\n` });

const immediate: readonly Exchange[] = [
  { line: "PING", reply: "PONG\n" },
  { line: "", reply: "Error: Invalid number\n" },
  { line: "forty-two", reply: "Error: Invalid number\n" },
  {
    line: "JOBS",
    reply: "fib   does fib (DENIED: see HELP fib)\necho  does echo (DENIED: see HELP echo)\n.\n",
  },
  { line: "STATS", reply: "connections:  1\n.\n" },
  {
    line: "ech 1",
    reply:
      'Error: Cannot find the job "ech": there is none of that name; did you mean "echo"? [UNKNOWN_JOB]\n',
  },
  {
    line: "x".repeat(300),
    reply: "Error: Cannot read a line of 300 bytes: the limit is 256 bytes [LINE_TOO_LONG]\n",
  },
];

const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.integer().map((n) => job(`${n}`, `${n}`)),
  fc.constantFrom("0", "-0", "007", "+5", "0x1f", "1_000", "1234567890123456789").map((n) =>
    job(n, n)
  ),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((text) => job(`echo ${text}`, text)),
  fc.constantFrom(...immediate),
);

/** What happens next: some bytes arrive, or one of the requests under way ends. */
type Step = { readonly say: number } | { readonly finish: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 200 }).map((say) => ({ say })),
  fc.nat(1000).map((finish) => ({ finish })),
);

Deno.test("Replies come in the order of the lines, however these are cut and in whatever order jobs end", async () => {
  const property = fc.asyncProperty(
    fc.array(exchange, { maxLength: 60 }),
    fc.infiniteStream(step),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
    fc.integer({ min: 1, max: 8 }),
    async (exchanges, steps, lineEnd, endsLastLine, maxInFlight) => {
      const lines = exchanges.map(({ line }) => line).join(lineEnd);
      const hasOpenEnd = exchanges.at(-1)?.line === "" || exchanges.length === 0;
      const input = endsLastLine || hasOpenEnd ? lines + (exchanges.length ? lineEnd : "") : lines;
      const setting = { dispatcher: { maxInFlight }, connection: { maxLineBytes: 256 } };
      const thrown = await talk(setting, async ({ client, pool, clock }) => {
        let isAllHeard = false;
        const heard = client.hear().finally(() => isAllHeard = true);
        let said = 0;
        let isAllSaid = false;
        for (const next of steps) {
          if ("say" in next && said < input.length) {
            await client.say(input.slice(said, said += next.say));
          } else if ("finish" in next && pool.open.length > 0) {
            pool.finish(next.finish % pool.open.length);
          } else if (said >= input.length && !isAllSaid) {
            isAllSaid = true;
            await client.conn.closeWrite();
          } else {
            await clock.settle();
          }
          if (isAllHeard) break;
        }
        assertEquals(await heard, exchanges.map(({ reply }) => reply).join(""));
      });
      assertEquals(thrown, undefined);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

Deno.test("A job's reply waits for the one before it, and both go out then", async () => {
  await talk({}, async ({ client, pool, clock }) => {
    await client.say("1\n2\nPING\n");
    await clock.settle();
    pool.finish(1);
    await clock.settle();
    assertEquals(client.conn.unread, 0);
    pool.finish(0);
    const replies = "Result: <1>\nResult: <2>\nPONG\n";
    assertEquals(await client.hear(replies.length), replies);
  });
});
