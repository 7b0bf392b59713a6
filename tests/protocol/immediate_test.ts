import { assertEquals } from "@std/assert";
import {
  type Command,
  formatReply,
  isImmediate,
  isLast,
  parseCommand,
  replyAtOnce,
} from "../../src/protocol/mod.ts";

const options = { dialects: "all", jobs: new Set(["fib"]), defaultJob: "fib" } as const;

const answered: readonly [line: string, reply: string, isLast: boolean][] = [
  ["PING", "PONG\n", false],
  ["QUIT", "BYE\n", true],
  ["hello", "Error: Invalid number\n", false],
  [
    "fbi 3",
    `Error: Cannot find the job "fbi": there is none of that name; did you mean "fib"? [UNKNOWN_JOB]\n`,
    false,
  ],
  [
    "HELP zebra",
    `Error: Cannot find the job "zebra": there is none of that name; JOBS lists all [UNKNOWN_JOB]\n`,
    false,
  ],
  [
    "GET / HTTP/1.1",
    "Error: Cannot speak HTTP on this port: it takes plain lines of text; send HELP [INVALID]\n",
    true,
  ],
];

for (const [line, reply, last] of answered) {
  Deno.test(`replyAtOnce() answers ${JSON.stringify(line)} with ${JSON.stringify(reply)}`, () => {
    const command = parseCommand(line, options);
    assertEquals(isImmediate(command) && formatReply(replyAtOnce(command)), reply);
    assertEquals(isLast(command), last);
  });
}

Deno.test("isImmediate() leaves to others what needs a worker or the server's state", () => {
  const others: Command[] = ["30", "fib 30", "HELP", "JOBS", "STATS"]
    .map((line) => parseCommand(line, options));
  assertEquals(others.map(isImmediate), [false, false, false, false, false]);
  assertEquals(others.map(isLast), [false, false, false, false, false]);
});
